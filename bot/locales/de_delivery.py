"""German for how sending fares: why a digest came or did not, what Discord said, and the figures of /status."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    # What kept it
    "Discord said that a permission is missing": "Discord sagt, dass eine Berechtigung fehlt",
    "Discord said that the channel is gone": "Discord sagt, dass es den Kanal nicht mehr gibt",
    "Discord said that this app may not write to you": "Discord sagt, dass diese App dir nicht schreiben darf",
    "Discord refused the message": "Discord lehnte die Nachricht ab",
    "Discord asked for a pause": "Discord bat um eine Pause",
    "Discord could not be reached": "Discord war nicht erreichbar",
    "Discord stopped this app's direct messages for a while": (
        "Discord hat die Direktnachrichten dieser App für eine Weile gestoppt"
    ),
    "Discord's answer was lost, and the message was not there": (
        "Discords Antwort ging verloren, und die Nachricht war nicht da"
    ),
    "the message was deleted": "die Nachricht wurde gelöscht",
    "this app makes a pause, as Discord refused too much": "diese App macht eine Pause, da Discord zu viel ablehnte",
    "it could not be sent within a day": "er konnte binnen eines Tages nicht gesendet werden",
    "it was paused": "er war pausiert",
    "its digest was removed before it was sent": "sein Digest wurde vor dem Senden entfernt",
    # Why it came, or did not
    "{papers}, a catch-up": "{papers}, nachgeholt",
    "{papers}, a catch-up over {n} posts": "{papers}, nachgeholt aus {n} Ausgaben",
    "no permission: Discord stopped this app's direct messages for a while": (
        "keine Berechtigung: Discord hat die Direktnachrichten dieser App für eine Weile gestoppt"
    ),
    "[sent]({url}): a line that there is nothing new": "[gesendet]({url}): eine Zeile, dass es nichts Neues gibt",
    "not sent yet: {problem}; {tries}": "noch nicht gesendet: {problem}; {tries}",
    "{said} · {n} part is there": "{said} · {n} Teil ist da",
    "{said} · {n} parts are there": "{said} · {n} Teile sind da",
    "not sent within a day": "binnen eines Tages nicht gesendet",
    "not sent within a day: {problem}": "binnen eines Tages nicht gesendet: {problem}",
    "perhaps sent: Discord's answer was lost, and this app can't read what is there": (
        "vielleicht gesendet: Discords Antwort ging verloren, und diese App kann nicht lesen, was da ist"
    ),
    "no post since this digest was set up or went on: that of {day} was there before": (
        "keine Ausgabe, seit dieser Digest eingerichtet wurde oder weiterging: Die vom {day} war schon da"
    ),
    "not yet": "noch nicht",
    "not yet; the [last one]({url}) was before": "noch nicht; der [letzte]({url}) war früher",
    "tried once": "einmal versucht",
    "tried {n} times": "{n}-mal versucht",
    "not sent yet: what was posted before is read first": (
        "noch nicht gesendet: Erst wird gelesen, was früher gepostet wurde"
    ),
    "not published to followers": "nicht für Follower veröffentlicht",
    "thread opened": "Thread geöffnet",
    "thread not opened": "Thread nicht geöffnet",
    "changed since, as the post was corrected": "seither geändert, da die Ausgabe berichtigt wurde",
    "the post was corrected, this message not": "die Ausgabe wurde berichtigt, diese Nachricht nicht",
    "the message was deleted since": "die Nachricht wurde seither gelöscht",
    "{undone}: {problem}": "{undone}: {problem}",
    "{undone} yet": "{undone} (bisher)",
    "within minutes": "in wenigen Minuten",
    # Of posts made out of live sources
    "arXiv announced nothing today ({reason})": "arXiv kündigte heute nichts an ({reason})",
    "arXiv announced nothing on {day} ({reason})": "arXiv kündigte am {day} nichts an ({reason})",
    "weekend": "Wochenende",
    "New Year's Day": "Neujahr",
    "Christmas Day": "Weihnachten",
    "winter break": "Winterpause",
    "staff day": "freier Tag bei arXiv",
    "strike": "Streik",
    "outage": "Störung",
    "it was made without {sources}": "sie kam ohne {sources} zustande",
    "it has only a part of what there is on {sources}": "sie hat nur einen Teil von dem, was es bei {sources} gibt",
    "{source} has said nothing since {moment}.": "{source} sagt seit {moment} nichts.",
    "{source} has said nothing yet.": "{source} hat noch nichts gesagt.",
    "Posts are made without it meanwhile, and say so.": "Ausgaben kommen bis dahin ohne sie zustande und sagen es.",
    "`hotpapers doctor` says why. You are told when it is back.": (
        "`hotpapers doctor` sagt, warum. Du erfährst, wenn sie wieder da ist."
    ),
    "{source} is back.": "{source} ist wieder da.",
    "Bluesky was heard until {moment}": "Bluesky wurde gehört bis {moment}",
    "✗ new posts can't be pushed: `hotpapers doctor` says why": (
        "✗ Neue Ausgaben lassen sich nicht pushen: `hotpapers doctor` sagt, warum"
    ),
    # What to do
    "give this app {permissions} in the channel's settings; then it goes on by itself.": (
        "Gib dieser App {permissions} in den Einstellungen des Kanals; dann geht es von selbst weiter."
    ),
    "the permissions are all there now: it goes on by itself, or at once with **Resume** in {settings}.": (
        "Die Berechtigungen sind jetzt alle da: Es geht von selbst weiter, sofort mit **Fortsetzen** in {settings}."
    ),
    "nothing here. It could not be made; whoever runs this bot finds the reason in its log.": (
        "Hier nichts. Er konnte nicht gemacht werden; wer diesen Bot betreibt, findet den Grund in seinem Log."
    ),
    "nothing. Its papers come in the next one.": "Nichts. Seine Paper kommen im nächsten.",
    "nothing. It stays deleted; {settings} sends another one at once.": (
        "Nichts. Er bleibt gelöscht; aus {settings} lässt sich sofort ein neuer senden."
    ),
    "nothing. The digest is there, and the next one tries anew what failed.": (
        "Nichts. Der Digest ist da, und der nächste versucht das Misslungene neu."
    ),
    "give this app {permissions} in the channel's settings: then it looks whether the digest is there, and sends it "
    "if not.": (
        "Gib dieser App {permissions} in den Einstellungen des Kanals: Dann sieht sie nach, ob der Digest da ist, und "
        "sendet ihn, wenn nicht."
    ),
    "nothing: this app looks for it, and sends it if it is not there. Or look whether it is there yourself.": (
        "Nichts: Diese App sucht ihn und sendet ihn, wenn er nicht da ist. Oder schau selbst, ob er da ist."
    ),
    "nothing here. Whoever runs this bot was told; your digest comes when it may write again.": (
        "Hier nichts. Wer diesen Bot betreibt, weiß davon; dein Digest kommt, sobald er wieder schreiben darf."
    ),
    "nothing. It comes {weekdays}, and today is none of them; {settings} changes that.": (
        "Nichts. Er kommt {weekdays}, und heute ist keiner dieser Tage; in {settings} lässt sich das ändern."
    ),
    "give this app {permissions} in the channel's settings. It was away, or what it knows is from a backup, so it must "
    "see what was posted there meanwhile, or it would post it twice.": (
        "Gib dieser App {permissions} in den Einstellungen des Kanals. Sie war weg, oder ihr Wissen stammt aus einer "
        "Sicherung; daher muss sie sehen, was dort inzwischen gepostet wurde, sonst käme es zweimal."
    ),
    "nothing. This app was away, or what it knows is from a backup: it first reads what it posted meanwhile, then goes "
    "on by itself.": (
        "Nichts. Diese App war weg, oder was sie weiß, stammt aus einer Sicherung: Sie liest erst, was sie inzwischen "
        "gepostet hat, dann geht es von selbst weiter."
    ),
    "look at the channel's settings, Permissions. It is tried again by itself.": (
        "Sieh in den Einstellungen des Kanals nach, unter Berechtigungen. Es wird von selbst wieder versucht."
    ),
    "It is tried again by itself.": "Es wird von selbst wieder versucht.",
    "nothing. It is tried again by itself.": "Nichts. Es wird von selbst wieder versucht.",
    # The list
    "last: being retried": "zuletzt: wird wieder versucht",
    "last: not sent yet": "zuletzt: noch nicht gesendet",
    "paused, missing: {permissions}": "pausiert, es fehlt: {permissions}",
    "what it posted before is read first": "erst wird gelesen, was er früher gepostet hat",
    "nobody knows yet whether the last one arrived: Discord's answer was lost": (
        "ob der letzte ankam, weiß noch niemand: Discords Antwort ging verloren"
    ),
    "{problem}; it is being tried again": "{problem}; es wird wieder versucht",
    "{problem}; tried again {when}": "{problem}; wieder versucht {when}",
    # Told to whoever runs it
    "The daily digest can't be posted in these channels, as this app lacks permissions there. It is paused, and goes "
    "on by itself once their settings, Permissions, allow it.": (
        "Der tägliche Digest kann in diesen Kanälen nicht gepostet werden, da dieser App dort Berechtigungen fehlen. "
        "Er ist pausiert und geht von selbst weiter, sobald ihre Einstellungen, Berechtigungen, es erlauben."
    ),
    # How it is doing
    "last 30 days: {due} due, {sent} sent, {doubled} doubled, {lost} lost": (
        "letzte 30 Tage: {due} fällig, {sent} gesendet, {doubled} doppelt, {lost} verloren"
    ),
    "{n} message in the queue": "{n} Nachricht in der Warteschlange",
    "{n} messages in the queue": "{n} Nachrichten in der Warteschlange",
    "{waiting}, due since {moment}": "{waiting}, fällig seit {moment}",
    "{n} may have arrived": "{n} vielleicht angekommen",
    "{n} given up on: {problem}": "{n} aufgegeben: {problem}",
    "✗ no direct messages until {moment}": "✗ keine Direktnachrichten bis {moment}",
    "✗ another copy of this bot runs with its token: stop it, or reset the token. Seen {moment}": (
        "✗ eine zweite Kopie dieses Bots läuft mit seinem Token: Stopp sie oder setz das Token zurück. Bemerkt {moment}"
    ),
    # Messages whose post was corrected
    "-# {heading} · corrected: what was here is no longer part of it": (
        "-# {heading} · berichtigt: was hier stand, gehört nicht mehr dazu"
    ),
    "-# corrected: {n} more paper, in the whole day": "-# berichtigt: {n} weiteres Paper, im ganzen Tag",
    "-# corrected: {n} more papers, in the whole day": "-# berichtigt: {n} weitere Paper, im ganzen Tag",
}
