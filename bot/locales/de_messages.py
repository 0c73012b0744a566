"""German for what messages are made of: dates, numbers, digests, pages, papers, notices, buttons.

A paper is "ein Paper" (dative plural "Papern"), a day's post "eine Ausgabe", a post on a social network "ein Beitrag".
arXiv's names of categories are official and stay English. What may begin a line begins with no number and a dot,
which Discord would take for a list.
"""

from __future__ import annotations

TEXTS: dict[str, str] = {
    # wording
    "{day}": "{day}.",
    "{day} {month}": "{day}. {month}",
    "{weekday} {date}": "{weekday}. {date}",
    "Mon Tue Wed Thu Fri Sat Sun": "Mo Di Mi Do Fr Sa So",
    "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec": "Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.",
    "{names} and {last}": "{names} und {last}",
    "all of arXiv": "ganz arXiv",
    "all of {archive}": "alles aus {archive}",
    "every day": "täglich",
    "Mon to Fri": "Mo bis Fr",
    # figures
    "{number}B": "{number} Mrd.",
    "{number}M": "{number} Mio.",
    "{number}k": "{number}k",
    "retweets": "Retweets",
    "favorites": "Favoriten",
    "upvotes": "Upvotes",
    "upvote": "Upvote",
    "comments": "Kommentare",
    "comment": "Kommentar",
    "points": "Punkte",
    "point": "Punkt",
    "likes": "Likes",
    "like": "Like",
    "reposts": "Reposts",
    "repost": "Repost",
    "quotes": "Zitate",
    "quote": "Zitat",
    "posts": "Beiträge",
    "post": "Beitrag",
    " ▲ top {percent} %": " ▲ beste {percent} %",
    "score as published": "Wertung wie veröffentlicht",
    "counts by source, ▲ its share of 90 days": "Zählung je Quelle, ▲ ihr Anteil in 90 Tagen",
    "retweets + favorites, or live counts": "Retweets + Favoriten, oder aktuelle Zählung",
    "retweets and live counts don't compare: ranked by the place within each day": (
        "Retweets und aktuelle Zählungen sind nicht vergleichbar: geordnet nach dem Platz am jeweiligen Tag"
    ),
    "without {names}": "ohne {names}",
    "arXiv's announcement": "die Ankündigung von arXiv",
    # safe
    "untitled": "ohne Titel",
    "unnamed": "ohne Namen",
    # summary
    "Hot papers": "Hot Papers",
    "Hot papers · {days}": "Hot Papers · {days}",
    "{n} paper": "{n} Paper",
    "{n} papers": "{n} Paper",
    "Top {shown} of {total}": "Top {shown} von {total}",
    "top {shown} of {total}": "Top {shown} von {total}",
    "Catch-up over {n} post · {papers}": "Nachgeholt aus {n} Ausgabe · {papers}",
    "Catch-up over {n} posts · {papers}": "Nachgeholt aus {n} Ausgaben · {papers}",
    "{days} posts · {papers}": "{days} Ausgaben · {papers}",
    "no new post since {day}": "keine neue Ausgabe seit {day}",
    "no post yet": "noch keine Ausgabe",
    "the post of {day} has no papers": "die Ausgabe vom {day} enthält keine Paper",
    "no papers": "keine Paper",
    "none of {n} paper in {names}": "{n} Paper, aber nicht aus {names}",
    "none of {n} papers in {names}": "keines von {n} Papern ist aus {names}",
    "the only paper already posted": "das einzige Paper wurde schon gesendet",
    "all {n} papers already posted": "alle {n} Paper wurden schon gesendet",
    # digest, terminal
    "-# {heading} · continued": "-# {heading} · Fortsetzung",
    "-# {numbers}: abstract, only you see it · titles: arXiv · figure: {figure}": (
        "-# {numbers}: Abstract, nur für dich · Titel: arXiv · Zahl: {figure}"
    ),
    "Get this by DM": "Als Direktnachricht",
    "All of {day}": "Alles vom {day}",
    "All {n} papers": "Alle {n} Paper",
    "The whole day": "Der ganze Tag",
    "Nothing to post: {reason}.": "Nichts zu senden: {reason}.",
    "figure: {figure}": "Zahl: {figure}",
    # lists, buttons
    "-# buttons: abstract and more · titles: arXiv · figure: {figure}": (
        "-# Buttons: Abstract und mehr · Titel: arXiv · Zahl: {figure}"
    ),
    "Nothing here.": "Hier ist nichts.",
    "‹ Previous": "‹ Zurück",
    "Next ›": "Weiter ›",
    # rankings
    "Top papers · {period}": "Top-Paper · {period}",
    "day": "Tag",
    "week": "Woche",
    "month": "Monat",
    "year": "Jahr",
    "all days": "alle Tage",
    ", back from the newest post": ", von der neuesten Ausgabe zurück",
    "No papers of {names} in these days. Try a longer period, or all of arXiv.": (
        "In diesen Tagen gibt es keine Paper aus {names}. Versuch es mit einem längeren Zeitraum oder ganz arXiv."
    ),
    "No papers in these days. Try a longer period.": (
        "In diesen Tagen gibt es keine Paper. Versuch es mit einem längeren Zeitraum."
    ),
    "Search · {asked}": "Suche · {asked}",
    "everything": "alles",
    "Nothing found for “{asked}”. Try fewer or shorter words, or search without filters.": (
        "Nichts gefunden für „{asked}“. Versuch es mit weniger oder kürzeren Wörtern oder ohne Filter."
    ),
    "Nothing found for “{asked}”. Try fewer or shorter words, or a name or a category.": (
        "Nichts gefunden für „{asked}“. Versuch es mit weniger oder kürzeren Wörtern, einem Namen oder einer Kategorie."
    ),
    "{n} paper, hottest first": "{n} Paper",
    "{n} papers, hottest first": "{n} Paper, das gefragteste zuerst",
    "page {n}": "Seite {n}",
    "That was the last page. Go back to the one before.": "Das war die letzte Seite. Geh eine zurück.",
    "The post of this day has no papers. Try the day before.": (
        "Die Ausgabe dieses Tages enthält keine Paper. Versuch es mit dem Tag davor."
    ),
    "since {date}": "seit {date}",
    "until {date}": "bis {date}",
    "by {author}": "von {author}",
    # paper
    "{names}, and {more}": "{names} und {more}",
    "{n} more on arXiv": "{n} weitere auf arXiv",
    "{n} more": "und noch {n}",
    "The post has no abstract of this paper; its page on arXiv has.": (
        "Die Ausgabe enthält kein Abstract zu diesem Paper; auf seiner arXiv-Seite steht es."
    ),
    "-# cut to fit; {link}": "-# gekürzt; {link}",
    "the whole abstract is on arXiv": "das ganze Abstract steht auf arXiv",
    "-# {n} post not shown": "-# {n} Beitrag nicht gezeigt",
    "-# {n} posts not shown": "-# {n} Beiträge nicht gezeigt",
    "someone": "jemand",
    ", as published {moment}": ", veröffentlicht am {moment}",
    "-# score {formula}": "-# Wertung {formula}",
    "-# the source counts a post every time it finds it: the score ranks papers, it is no head count": (
        "-# die Quelle zählt einen Beitrag jedes Mal, wenn sie ihn findet: "
        "Die Wertung ordnet die Paper, sie zählt keine Personen"
    ),
    "#{rank} on {date} · {score}": "#{rank} am {date} · {score}",
    "{place}, back with {change}": "{place}, wieder da mit {change}",
    "{place}, back": "{place}, wieder da",
    ", counted {moment}": ", gezählt {moment}",
    "-# each number is how rare so much is at its source: 1 is one paper in ten, 2 one in a hundred": (
        "-# jede Zahl sagt, wie selten so viel bei ihrer Quelle ist: 1 ist ein Paper von zehn, 2 eines von hundert"
    ),
    "-# provisional: a source has too few papers yet to compare with": (
        "-# vorläufig: eine Quelle hat noch zu wenige Paper zum Vergleichen"
    ),
    "and {n} earlier day": "und {n} früherer Tag",
    "and {n} earlier days": "und {n} frühere Tage",
    # notices
    "That did not work.": "Das hat nicht geklappt.",
    "-# If it happens again, tell whoever runs this bot: {reference}": (
        "-# Wenn es wieder passiert, nenn dem Betreiber dieses Bots: {reference}"
    ),
    "This button is from another version of the bot. Use /top or /search instead.": (
        "Dieser Button stammt aus einer anderen Version des Bots. Nutz stattdessen /top oder /search."
    ),
    "This paper is not stored here, or no longer. Read {page}, or try /search with its title.": (
        "Dieses Paper ist hier nicht oder nicht mehr gespeichert. Lies {page} oder such mit /search nach dem Titel."
    ),
    "its page on arXiv": "seine Seite auf arXiv",
    "The post of {day} is no longer stored here. Try /top for what is.": (
        "Die Ausgabe vom {day} ist hier nicht mehr gespeichert. Was es gibt, zeigt dir /top."
    ),
    "### Categories": "### Kategorien",
    "-# papers that were hot, {days}": "-# gefragte Paper, {days}",
    "None yet: no post has been read. They appear here with the first one.": (
        "Noch keine: Es wurde noch keine Ausgabe gelesen. Mit der ersten erscheinen sie hier."
    ),
    "the hottest papers of a day, week, month or year": (
        "die gefragtesten Paper eines Tages, einer Woche, eines Monats oder Jahres"
    ),
    "papers by words, names or an arXiv link": "Paper nach Wörtern, Namen oder einem arXiv-Link",
    "the papers you saved": "die Paper, die du gespeichert hast",
    "a digest of your own by DM, every day": "ein eigener Digest als Direktnachricht, jeden Tag",
    "when it comes, pause it, delete your data": "wann er kommt, pausieren, deine Daten löschen",
    "for admins: a daily digest in a channel": "für Admins: ein täglicher Digest in einem Kanal",
    "for admins: why one came, or did not": "für Admins: warum einer kam oder nicht",
    "-# {heading} · {reason}": "-# {heading} · {reason}",
    "what there is to choose from": "was zur Auswahl steht",
    "### Hot papers": "### Hot Papers",
    "The papers on arXiv that people share most, ranked every day.": (
        "Die meistgeteilten Paper auf arXiv, jeden Tag neu geordnet."
    ),
    "-# Numbers under a digest open abstracts that only you see. Answers are private too.": (
        "-# Die Nummern unter einem Digest öffnen Abstracts, die nur du siehst. Auch Antworten siehst nur du."
    ),
    "Nothing to show.": "Nichts zu zeigen.",
    # Trouble
    "The daily digest can't be posted in {channels}: this app lacks {permissions} there. It is paused, and "
    "goes on by itself once the channel's settings, Permissions, allow it.": (
        "Der tägliche Digest kann nicht gepostet werden in {channels}: Dort fehlt dieser App {permissions}. Er ist "
        "pausiert und geht von selbst weiter, sobald die Einstellungen des Kanals, Berechtigungen, es erlauben."
    ),
    "The daily digest can't be posted in {channels}: Discord says that this app lacks a permission. It is "
    "paused, and tried again from time to time. See the channel's settings, Permissions.": (
        "Der tägliche Digest kann nicht gepostet werden in {channels}: Laut Discord fehlt dieser App eine "
        "Berechtigung. Er ist pausiert und wird ab und zu wieder versucht. Sieh in die Einstellungen des Kanals, "
        "Berechtigungen."
    ),
    "The daily digest for {channels} is paused: the channel is gone, or this app can't see it. Move the "
    "digest with /digest edit, or remove it with /digest remove.": (
        "Der tägliche Digest für {channels} ist pausiert: Den Kanal gibt es nicht mehr, oder diese App sieht ihn "
        "nicht. Verschieb den Digest mit /digest edit oder entfern ihn mit /digest remove."
    ),
    "The daily digest for {channels} is paused: posting it failed again and again. It is tried again from time "
    "to time; /digest edit shows its settings.": (
        "Der tägliche Digest für {channels} ist pausiert: Das Posten ist immer wieder fehlgeschlagen. Es wird ab "
        "und zu wieder versucht; /digest edit zeigt seine Einstellungen."
    ),
    "A digest for {channel} may or may not have arrived: Discord's answer was lost, and this app can't look, as it "
    "lacks {permissions} there. Once it is given, this clears up by itself, and nothing comes twice.": (
        "Ein Digest für {channel} ist angekommen oder auch nicht: Discords Antwort ging verloren, und diese App kann "
        "nicht nachsehen, weil ihr dort {permissions} fehlt. Ist das erlaubt, klärt es sich von selbst, und nichts "
        "kommt doppelt."
    ),
    "Nothing new for {channels}: no post has come since that of {day}. The digest waits, and comes by itself "
    "with the next post. There is nothing to do here.": (
        "Nichts Neues für {channels}: Seit der Ausgabe vom {day} ist keine gekommen. Der Digest wartet und kommt mit "
        "der nächsten von selbst. Hier ist nichts zu tun."
    ),
    "Nothing new for {channels}: no post has come yet. The digest waits, and comes by itself with the first "
    "one. There is nothing to do here.": (
        "Nichts Neues für {channels}: Noch ist keine Ausgabe gekommen. Der Digest wartet und kommt mit der ersten von "
        "selbst. Hier ist nichts zu tun."
    ),
    "No post has come since that of {day}.": "Seit der Ausgabe vom {day} ist keine gekommen.",
    "No post came yet.": "Noch ist keine Ausgabe gekommen.",
    "{n} digest had nothing to give on its last three days.": (
        "{n} Digest hatte an seinen letzten drei Tagen nichts zu geben."
    ),
    "{n} digests had nothing to give on their last three days.": (
        "{n} Digests hatten an ihren letzten drei Tagen nichts zu geben."
    ),
    "See to POSTS_SOURCE: `hotpapers doctor` says whether it can be reached and what it holds.": (
        "Sieh nach POSTS_SOURCE: `hotpapers doctor` sagt, ob es erreichbar ist und was es enthält."
    ),
    "The newest post": "Die neueste Ausgabe",
    "**Your daily digest is paused:** Discord refused this app's direct messages to you.": (
        "**Dein täglicher Digest ist pausiert:** Discord hat die Direktnachrichten dieser App an dich abgewiesen."
    ),
}
