"""German for digests of one's own and their settings: panels, forms, selects, what was done, what goes wrong there."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    # What is set, and when it comes
    "### Your digest": "### Dein Digest",
    "{n} paper at most": "höchstens {n} Paper",
    "{n} papers at most": "höchstens {n} Paper",
    "only hot ones": "nur gefragte",
    "only very hot ones": "nur sehr gefragte",
    "{weekdays} at {time} ({zone})": "{weekdays} um {time} Uhr ({zone})",
    "{zone}, now {clock}": "{zone}, jetzt {clock}",
    "Next: {moment}": "Nächster: {moment}",
    "{when}, once a new post is there": "{when}, sobald eine neue Ausgabe da ist",
    "Last: sent {when}": "Letzter: gesendet {when}",
    "Last: could not be sent, {when}": "Letzter: konnte nicht gesendet werden, {when}",
    "Last: it may have arrived, {when}": "Letzter: vielleicht angekommen, {when}",
    "Last: on its way": "Letzter: unterwegs",
    "open it": "öffnen",
    "Paused since {day}, as you asked. **Resume** lets it go on.": (
        "Pausiert seit {day}, wie du es wolltest. Mit **Fortsetzen** geht es weiter."
    ),
    "Paused since {day}: sending it failed. **Resume** tries again.": (
        "Pausiert seit {day}: Das Senden ist fehlgeschlagen. **Fortsetzen** versucht es wieder."
    ),
    "Paused since {day}: this app may not write to you.": "Pausiert seit {day}: Diese App darf dir nicht schreiben.",
    "To open your direct messages: click the name of a server you share with this app, choose "
    "**Privacy Settings**, and turn **Direct Messages** on.": (
        "So öffnest du deine Direktnachrichten: Klick auf den Namen eines Servers, auf dem auch diese App ist, wähl "
        "**Privatsphäre-Einstellungen** und schalte **Direktnachrichten** ein."
    ),
    "Then press **Resume**.": "Drück danach auf **Fortsetzen**.",
    "Then /subscribe tries again, and so does **Resume** in /subscriptions.": (
        "Danach versucht /subscribe es wieder, ebenso **Fortsetzen** in /subscriptions."
    ),
    # Buttons
    "Settings": "Einstellungen",
    "Preview": "Vorschau",
    "Why?": "Warum?",
    "Pause": "Pause",
    "Resume": "Fortsetzen",
    "Send me one now": "Jetzt einen senden",
    "Stop these": "Beenden",
    "Undo": "Rückgängig",
    "Open it": "Öffnen",
    "Remove it": "Entfernen",
    "Keep it": "Behalten",
    "Delete my data": "Meine Daten löschen",
    "Delete everything": "Alles löschen",
    "Type a time…": "Uhrzeit eingeben …",
    "Type a zone…": "Zeitzone eingeben …",
    "Type categories…": "Kategorien eingeben …",
    # Selects and forms
    "Time": "Uhrzeit",
    "Time zone": "Zeitzone",
    "Days of the week": "Wochentage",
    "How many papers": "Wie viele Paper",
    "How hot": "Wie gefragt",
    "All papers, the hottest first": "Alle Paper, die gefragtesten zuerst",
    "Only hot ones": "Nur gefragte",
    "Only very hot ones": "Nur sehr gefragte",
    "Categories to keep": "Kategorien, die bleiben",
    "When it comes": "Wann er kommt",
    "Time of day": "Uhrzeit",
    "9, 9am, 21:30": "9, 9am, 21:30",
    "Where your clock is": "Wo deine Uhr steht",
    "A city such as Tokyo, a zone such as Europe/Berlin, or +2": (
        "Eine Stadt wie Tokyo, eine Zeitzone wie Europe/Berlin oder +2"
    ),
    "What it is about": "Worum es geht",
    "Categories": "Kategorien",
    "With commas between: cs.CV, stat. Write “all” for all of arXiv.": (
        "Durch Kommas getrennt: cs.CV, stat. „alles“ steht für ganz arXiv."
    ),
    # What was done
    "Done: this is your digest. Discord brings it by direct message; this page shows it here.": (
        "Fertig: Das ist dein Digest. Discord bringt ihn per Direktnachricht, diese Seite zeigt ihn hier."
    ),
    "This page has {most} digests already. Stop one of them first.": (
        "Diese Seite hat schon {most} Digests. Beende erst einen davon."
    ),
    "This digest was stopped in the meantime.": "Dieser Digest wurde inzwischen beendet.",
    "Done: your digest is over all of arXiv now.": "Fertig: Dein Digest umfasst jetzt ganz arXiv.",
    "Done. Your first digest is in your direct messages.": (
        "Fertig. Dein erster Digest ist in deinen Direktnachrichten."
    ),
    "Sent: look into your direct messages.": "Gesendet: Schau in deine Direktnachrichten.",
    "This one was sent already: look into your direct messages.": (
        "Dieser wurde schon gesendet: Schau in deine Direktnachrichten."
    ),
    "It may have arrived: look into your direct messages. If not, try **Send me one now** in a while.": (
        "Vielleicht ist er angekommen: Schau in deine Direktnachrichten. "
        "Wenn nicht, versuch es nach einer Weile mit **Jetzt einen senden**."
    ),
    "This page sends nothing. In Discord it would come by direct message.": (
        "Diese Seite sendet nichts. In Discord käme er als Direktnachricht."
    ),
    "There is nothing to send now: {reason}.": "Gerade gibt es nichts zu senden: {reason}.",
    "no paper fits": "kein Paper passt",
    "a preview: only you see it, and nothing was sent": "eine Vorschau: Nur du siehst sie, gesendet wurde nichts",
    "**I may not write to you**, so your digest is paused.": (
        "**Ich darf dir nicht schreiben**, darum ist dein Digest pausiert."
    ),
    "Discord did not take it this time. Your digest stays; try **Send me one now** in a while.": (
        "Discord hat ihn diesmal nicht angenommen. Dein Digest bleibt; "
        "versuch es nach einer Weile mit **Jetzt einen senden**."
    ),
    "-# The time zone is a guess from your language. Change it in the settings.": (
        "-# Die Zeitzone ist aus deiner Sprache geraten. In den Einstellungen kannst du sie ändern."
    ),
    "Added to your digest: {categories}.": "Zu deinem Digest hinzugefügt: {categories}.",
    "All of these are in your digest already.": "Die sind alle schon in deinem Digest.",
    "{category} is in your digest already.": "{category} ist schon in deinem Digest.",
    "{category} is in your digest already: it has all of {archive}.": (
        "{category} ist schon in deinem Digest: Er enthält alles aus {archive}."
    ),
    "Your digest is over all of arXiv already, which holds this too.": (
        "Dein Digest umfasst schon ganz arXiv, also auch das."
    ),
    "Taken out: {category}.": "Herausgenommen: {category}.",
    "{category} was the last one: your digest is removed.": "{category} war die letzte: Dein Digest ist entfernt.",
    "Your digest goes on.": "Dein Digest geht weiter.",
    "Your digest goes on. What was held back comes now.": (
        "Dein Digest geht weiter. Was zurückgehalten wurde, kommt jetzt."
    ),
    "Stopped. No more digests come.": "Beendet. Es kommen keine Digests mehr.",
    "-# Your choice of categories is kept.": "-# Deine Kategorien bleiben gespeichert.",
    "Remove your digest?": "Deinen Digest entfernen?",
    "Your digest is removed.": "Dein Digest ist entfernt.",
    "/subscribe begins a new one.": "Mit /subscribe beginnst du einen neuen.",
    "You have no digest yet.": "Du hast noch keinen Digest.",
    "/subscribe and a category, such as cs.CV, and its hottest papers come to you by direct message.": (
        "/subscribe und eine Kategorie, etwa cs.CV: Schon kommen ihre gefragtesten Paper als Direktnachricht zu dir."
    ),
    "### Delete all that is kept about you?": "### Alles löschen, was über dich gespeichert ist?",
    "Your digest and its settings, your saved papers, and the record of what you were sent.": (
        "Dein Digest und seine Einstellungen, deine gespeicherten Paper und die Liste dessen, was du bekommen hast."
    ),
    "-# This cannot be undone. Do nothing to keep it.": (
        "-# Das lässt sich nicht rückgängig machen. Willst du alles behalten, tu einfach nichts."
    ),
    "Deleted. Nothing about you is kept any more. This was:": (
        "Gelöscht. Über dich ist nichts mehr gespeichert. Das war:"
    ),
    "-# your digest and its settings": "-# dein Digest und seine Einstellungen",
    "-# {n} saved paper": "-# {n} gespeichertes Paper",
    "-# {n} saved papers": "-# {n} gespeicherte Paper",
    "-# the record of what you were sent": "-# die Liste dessen, was du bekommen hast",
    "-# your name under digests you may have set up in servers; those go on": (
        "-# dein Name unter Digests, die du auf Servern eingerichtet hast; die laufen weiter"
    ),
    # What cannot be done as asked
    "You have no digest. /subscribe and a category begins one.": (
        "Du hast keinen Digest. Mit /subscribe und einer Kategorie beginnst du einen."
    ),
    "Your digest was removed in the meantime. /subscribe begins a new one.": (
        "Dein Digest wurde inzwischen entfernt. Mit /subscribe beginnst du einen neuen."
    ),
    "Your digest is over all of arXiv. Choose categories in /subscriptions, or stop it there.": (
        "Dein Digest umfasst ganz arXiv. In /subscriptions kannst du Kategorien wählen oder ihn beenden."
    ),
    "{category} is all that is left of your digest. Try again to stop it.": (
        "In deinem Digest ist nur noch {category}. Versuch es noch einmal, um ihn zu beenden."
    ),
    "{category} is none of your digest's categories: {names}.": (
        "{category} ist keine der Kategorien deines Digests: {names}."
    ),
    "This digest is no longer there. /subscribe and a category begins one of your own.": (
        "Diesen Digest gibt es nicht mehr. Mit /subscribe und einer Kategorie beginnst du einen eigenen."
    ),
    "Only a channel's digest can be copied to another channel.": (
        "Nur der Digest eines Kanals lässt sich in einen anderen Kanal kopieren."
    ),
    "A digest has at most {most} categories, this would be {count}. Take some out, or choose a whole archive "
    "such as cs.": (
        "Ein Digest hat höchstens {most} Kategorien, das wären {count}. "
        "Nimm welche heraus oder wähl ein ganzes Archiv wie cs."
    ),
    "Choose at least one day of the week: every day, weekdays, mon wed fri.": (
        "Wähl mindestens einen Wochentag: every day, weekdays, mon wed fri."
    ),
    "“{typed}” is no day of the week. Try every day, weekdays, mon wed fri, or mo-fr.": (
        "„{typed}“ ist kein Wochentag. Versuch es mit every day, weekdays, mon wed fri oder mo-fr."
    ),
    "How hot is one of all, hot or very hot.": "Wie gefragt: eines von all, hot oder very hot.",
    "How many papers is a number from 1 to {most}.": "Wie viele Paper: eine Zahl von 1 bis {most}.",
    "Nothing was chosen. Choose or type one value.": "Du hast nichts gewählt. Wähl einen Wert oder gib einen ein.",
    "This digest has no such setting. Open it again with /subscriptions or /digest edit.": (
        "Diese Einstellung hat der Digest nicht. Öffne ihn neu mit /subscriptions oder /digest edit."
    ),
    "This setting is chosen, not typed. Open the settings again.": (
        "Diese Einstellung wird gewählt, nicht eingegeben. Öffne die Einstellungen neu."
    ),
    "That is not a time of day. Type one such as 9, 9am, 21:30 or noon.": (
        "Das ist keine Uhrzeit. Gib eine ein wie 9, 9am, 21:30 oder noon."
    ),
    "“{typed}” is not a time of day. Type one such as 9, 9am, 21:30 or noon.": (
        "„{typed}“ ist keine Uhrzeit. Gib eine ein wie 9, 9am, 21:30 oder noon."
    ),
    "Type a city such as Tokyo, a zone such as Europe/Berlin, or an offset such as +2.": (
        "Gib eine Stadt ein wie Tokyo, eine Zeitzone wie Europe/Berlin oder einen Abstand wie +2."
    ),
    "There is no time zone “{name}”. Type a city such as Tokyo, a zone such as Europe/Berlin, or an offset "
    "such as +2.": (
        "Eine Zeitzone „{name}“ gibt es nicht. Gib eine Stadt ein wie Tokyo, eine Zeitzone wie Europe/Berlin "
        "oder einen Abstand wie +2."
    ),
    "There is no time zone “{name}”. Did you mean one of these: {zones}?": (
        "Eine Zeitzone „{name}“ gibt es nicht. Meinst du eine von diesen: {zones}?"
    ),
    "Slowly, please. Ask again in {seconds} seconds.": "Langsam, bitte. Frag in {seconds} Sekunden noch einmal.",
    "That took too long. Press again.": "Das hat zu lange gedauert. Drück noch einmal.",
    "Something went wrong here, and that is not your fault. Try again in a minute.": (
        "Hier ist etwas schiefgegangen, und es liegt nicht an dir. Versuch es in einer Minute noch einmal."
    ),
}
