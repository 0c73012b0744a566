"""German for what is answered to a person's request: refusals, and the descriptions of the commands on offer."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "The database is busy with something else. Try again in a minute.": (
        "Die Datenbank ist gerade anderweitig beschäftigt. Versuch es in einer Minute noch einmal."
    ),
    # What cannot be done as asked
    "That is not an arXiv category. Try an id such as cs.CV, a name such as Machine Learning, "
    "or an archive such as cs.": (
        "Das ist keine arXiv-Kategorie. Versuch es mit einer ID wie cs.CV, einem Namen wie Machine Learning "
        "oder einem Archiv wie cs."
    ),
    'No arXiv category "{typed}". Try an id such as cs.CV, a name such as Machine Learning, '
    "or an archive such as cs.": (
        "Eine arXiv-Kategorie „{typed}“ gibt es nicht. Versuch es mit einer ID wie cs.CV, einem Namen wie "
        "Machine Learning oder einem Archiv wie cs."
    ),
    'No arXiv category "{typed}". Did you mean {one}?': (
        "Eine arXiv-Kategorie „{typed}“ gibt es nicht. Meinst du {one}?"
    ),
    'No arXiv category "{typed}". Did you mean {one} or {two}?': (
        "Eine arXiv-Kategorie „{typed}“ gibt es nicht. Meinst du {one} oder {two}?"
    ),
    'No arXiv category "{typed}". Did you mean {one}, {two} or {three}?': (
        "Eine arXiv-Kategorie „{typed}“ gibt es nicht. Meinst du {one}, {two} oder {three}?"
    ),
    "{id} (all of {archive})": "{id} (alles aus {archive})",
    "A period is one of {periods} or {all}.": "Ein Zeitraum ist einer von {periods} oder {all}.",
    "This search takes too long. Add a rarer word, a category or dates.": (
        "Diese Suche dauert zu lange. Nimm ein selteneres Wort, eine Kategorie oder ein Datum dazu."
    ),
    "A date looks like 2021-04-13, 2021-04, 2021 or 30 days.": (
        "Ein Datum sieht so aus: 2021-04-13, 2021-04, 2021 oder 30 days (30 Tage zurück)."
    ),
    "No post of {day} is stored. The newest is {newest}.": (
        "Eine Ausgabe vom {day} ist nicht gespeichert. Die neueste ist {newest}."
    ),
    "No post of {day} is stored. No day has been ingested yet.": (
        "Eine Ausgabe vom {day} ist nicht gespeichert. Es wurde noch kein Tag eingelesen."
    ),
    "There are no posts yet. Bring some in with `hotpapers ingest FOLDER`, or set POSTS_SOURCE.": (
        "Es gibt noch keine Ausgaben. Hol welche mit `hotpapers ingest ORDNER` oder setz POSTS_SOURCE."
    ),
    "No posts are here yet. They come by themselves.": "Hier sind noch keine Ausgaben. Sie kommen von selbst.",
    "There is no such command. Try /help.": "Diesen Befehl gibt es nicht. Versuch es mit /help.",
    "Say what to look for: words, a name, or an arXiv id.": (
        "Sag, wonach du suchst: Wörter, ein Name oder eine arXiv-ID."
    ),
    "That is no arXiv id. One looks like 2104.04767 or math/0309136; a link works too.": (
        "Das ist keine arXiv-ID. Sie sieht aus wie 2104.04767 oder math/0309136; ein Link geht auch."
    ),
    "This answer is too old to turn its pages. Ask again with /top or /search.": (
        "Diese Antwort ist zu alt zum Weiterblättern. Frag noch einmal mit /top oder /search."
    ),
    "This digest is no longer there. /subscriptions shows yours, /digest list this server's.": (
        "Diesen Digest gibt es nicht mehr. /subscriptions zeigt deine, /digest list die dieses Servers."
    ),
    "This message has no arXiv links. /search finds papers by their words.": (
        "Diese Nachricht enthält keine arXiv-Links. /search findet Paper nach Wörtern."
    ),
    "There is no time zone “{name}”.": "Eine Zeitzone „{name}“ gibt es nicht.",
    "You or this app may not write here, so it stays between us. Try in another channel.": (
        "Du oder diese App dürft hier nicht schreiben, also bleibt es unter uns. Versuch es in einem anderen Kanal."
    ),
    "You just showed something. Wait {seconds} seconds, please.": (
        "Du hast gerade erst etwas gezeigt. Warte bitte {seconds} Sekunden."
    ),
    "This channel was shown a lot just now. Wait {minutes} min, please.": (
        "In diesem Kanal wurde gerade viel gezeigt. Warte bitte {minutes} Min."
    ),
    "Only who shared this, or a moderator, can remove it.": (
        "Das kann nur entfernen, wer es geteilt hat oder hier moderiert."
    ),
    # Papers in a message, sharing
    "None of them has been hot here yet.": "Keines davon war hier bisher gefragt.",
    "Papers in this message": "Paper in dieser Nachricht",
    "not stored here: {links}": "hier nicht gespeichert: {links}",
    "Show to everyone": "Allen zeigen",
    "Save": "Speichern",
    "Open my own copy": "Für mich öffnen",
    "Shared by {member}": "Geteilt von {member}",
    "Remove": "Entfernen",
    # Saved papers
    "Saved papers": "Gespeicherte Paper",
    "{n} paper, saved last first": "{n} Paper",
    "{n} papers, saved last first": "{n} Paper, das zuletzt gespeicherte zuerst",
    "{n} more is not stored here any more": "{n} weiteres ist hier nicht mehr gespeichert",
    "{n} more are not stored here any more": "{n} weitere sind hier nicht mehr gespeichert",
    "None yet. The button **Save** under a paper's details keeps it here.": (
        "Noch keine. Der Button **Speichern** unter den Details eines Papers legt es hier ab."
    ),
    "You have not saved any papers yet. The button Save under a paper's details does.": (
        "Du hast noch keine Paper gespeichert. Das geht mit dem Button Speichern unter den Details eines Papers."
    ),
    "Saved. /saved shows your list.": "Gespeichert. /saved zeigt deine Liste.",
    "You saved this before. /saved shows your list.": "Das hast du schon gespeichert. /saved zeigt deine Liste.",
    "You saved {most} papers, which is all there is room for. Remove some in /saved.": (
        "Du hast {most} Paper gespeichert, mehr passen nicht. Entferne welche in /saved."
    ),
    "Removed from your saved papers.": "Aus deinen gespeicherten Papern entfernt.",
    "Remove from the list": "Aus der Liste entfernen",
    "Save again": "Wieder speichern",
    "BibTeX file": "BibTeX-Datei",
    "Your {n} saved paper as BibTeX.": "Dein {n} gespeichertes Paper als BibTeX.",
    "Your {n} saved papers as BibTeX.": "Deine {n} gespeicherten Paper als BibTeX.",
    # Status
    "### Hot papers {version}": "### Hot Papers {version}",
    "newest post: {day}": "neueste Ausgabe: {day}",
    "newest post: none yet": "neueste Ausgabe: noch keine",
    "last change: {moment}": "letzte Änderung: {moment}",
    "next digest in {place}: {moment}": "nächster Digest in {place}: {moment}",
    "next digest: none is set up here": "nächster Digest: Hier ist keiner eingerichtet.",
    "your messages": "deinen Direktnachrichten",
    "and {n} more": "und {n} weitere",
    "### Inside": "### Intern",
    "source {name}: reached {moment}": "Quelle {name}: erreicht {moment}",
    "never": "nie",
    # Commands
    "The papers people shared most": "Die meistgeteilten Paper",
    "An arXiv category or archive, such as cs.CV or stat": "Eine arXiv-Kategorie oder ein Archiv, etwa cs.CV oder stat",
    "How far back from the newest post, week unless you say": (
        "Wie weit zurück von der neuesten Ausgabe; ohne Angabe eine Woche"
    ),
    "Find papers by words in title, abstract or authors": "Findet Paper nach Wörtern in Titel, Abstract oder Autoren",
    "Words to find, or an arXiv id or link": "Gesuchte Wörter, eine arXiv-ID oder ein Link",
    "Only papers hot since then: 2021-04-13, 2021-04, 30 days": (
        "Nur Paper, die seither gefragt waren: 2021-04-13, 2021-04, 30 days"
    ),
    "Only papers by an author of this name": "Nur Paper von jemandem mit diesem Namen",
    "One paper: abstract, the posts that made it hot, its history": (
        "Ein Paper: Abstract, die Beiträge, die es bekannt machten, sein Verlauf"
    ),
    "An arXiv id or link": "Eine arXiv-ID oder ein Link",
    "The papers you saved": "Die Paper, die du gespeichert hast",
    "Which subjects there are, and how much was hot in each lately": (
        "Welche Fachgebiete es gibt und wie viel darin zuletzt gefragt war"
    ),
    "What this bot does and how to ask it": "Was dieser Bot kann und wie du ihn fragst",
    "Get the hottest papers of a category by DM, every day": (
        "Die gefragtesten Paper einer Kategorie als Direktnachricht, jeden Tag"
    ),
    "Take a category out of your digest, or stop it": "Nimmt eine Kategorie aus deinem Digest oder beendet ihn",
    "The category to take out; all of them unless you say": "Die Kategorie, die wegfällt; ohne Angabe alle",
    "Your own digest: when it comes, how much of what, pause, delete": (
        "Dein eigener Digest: wann er kommt, wie viel wovon, Pause, Löschen"
    ),
    "How the bot is doing: version, newest post, next digests here": (
        "Wie es dem Bot geht: Version, neueste Ausgabe, nächste Digests hier"
    ),
    "Show papers in this message": "Paper in dieser Nachricht",
    "Daily digests in this server's channels": "Tägliche Digests in den Kanälen dieses Servers",
    "Post the hottest papers to a channel, every day": "Postet die gefragtesten Paper in einen Kanal, jeden Tag",
    "The channel it goes to; this one unless you say": "Der Kanal, in den er kommt; ohne Angabe dieser",
    "Only these categories, with commas between: cs.CV, stat; all unless you say": (
        "Nur diese Kategorien, durch Kommas getrennt: cs.CV, stat; ohne Angabe alle"
    ),
    "Not before this time: 9, 9am, 21:30": "Nicht vor dieser Uhrzeit: 9, 9am, 21:30",
    "The time's zone: a city, Europe/Berlin, +2": "Die Zeitzone dazu: eine Stadt, Europe/Berlin, +2",
    "Which days of the week: every day, weekdays, mon wed fri": "Welche Wochentage: every day, weekdays, mon wed fri",
    "How many papers at most, 10 unless you say": "Wie viele Paper höchstens; ohne Angabe 10",
    "Only papers that are hot among those of the last month": (
        "Nur Paper, die unter denen des letzten Monats gefragt sind"
    ),
    "A role to ping with the first message": "Eine Rolle, die mit der ersten Nachricht gepingt wird",
    "Open a thread for discussion under each digest": "Öffnet unter jedem Digest einen Thread zum Diskutieren",
    "The tag of a forum's posts": "Der Tag für die Beiträge in einem Forum",
    "This server's digests: what goes where, last, next, state": (
        "Die Digests dieses Servers: was wohin geht, letzter, nächster, Zustand"
    ),
    "Change a digest": "Ändert einen Digest",
    "Which digest; needed only where there are several": "Welcher Digest; nur nötig, wenn es mehrere gibt",
    "Let a digest rest": "Lässt einen Digest ruhen",
    "Let a resting digest go on": "Lässt einen ruhenden Digest weiterlaufen",
    "Remove a digest": "Entfernt einen Digest",
    "See what a digest would post now; only you see it": "Zeigt nur dir, was ein Digest jetzt posten würde",
    "Post a digest now": "Postet einen Digest jetzt",
    "Why the last digest of a channel came, or did not": "Warum der letzte Digest eines Kanals kam oder nicht kam",
    "The channel to ask about; this one unless you say": "Der Kanal, um den es geht; ohne Angabe dieser",
    "all": "alle",
    "hot": "gefragt",
    "very hot": "sehr gefragt",
    # What options complete to; "every day" is with the messages
    "weekdays": "werktags (Mo bis Fr)",
    "weekends": "am Wochenende",
    "mon wed fri": "Mo, Mi und Fr",
    "tue thu": "Di und Do",
    "mon": "Mo",
    "tue": "Di",
    "wed": "Mi",
    "thu": "Do",
    "fri": "Fr",
    "sat": "Sa",
    "sun": "So",
    "7 days": "7 Tage",
    "30 days": "30 Tage",
    "90 days": "90 Tage",
    "365 days": "365 Tage",
    "{span}, since {day}": "{span}, seit {day}",
}
