"""German for a server's digests: their panel and list, what was done, and why one came or did not."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    # Who may, and what can't be
    "A channel's digest is set up in its server. Ask there, or use /subscribe for one of your own.": (
        "Der Digest eines Kanals wird auf dessen Server eingerichtet. Frag dort oder nimm /subscribe für einen eigenen."
    ),
    "This needs the permission Manage Server. An admin can allow /digest for you too: Server Settings, "
    "Integrations, this app.": (
        "Das braucht die Berechtigung „Server verwalten“. Ein Admin kann dir /digest auch so erlauben: "
        "Servereinstellungen, Integrationen, diese App."
    ),
    "This page knows no channels. In Discord they would be set up here.": (
        "Diese Seite kennt keine Kanäle. In Discord würden sie hier eingerichtet."
    ),
    "I can't see that channel: threads have no digests, and others need this app's View Channel. Choose a "
    "text, announcement or forum channel.": (
        "Diesen Kanal sehe ich nicht: Threads haben keine Digests, andere brauchen „Kanal anzeigen“ für "
        "diese App. Wähl einen Text-, Ankündigungs- oder Forenkanal."
    ),
    "Digests go to text, announcement and forum channels; #{name} is none.": (
        "Digests gehen in Text-, Ankündigungs- und Forenkanäle; #{name} ist keiner davon."
    ),
    "A digest doesn't ping everyone. Choose a role for those who want it.": (
        "Ein Digest pingt nicht alle. Wähl eine Rolle für die, die es wollen."
    ),
    "That role is not in this server. Choose another one.": (
        "Diese Rolle gibt es auf diesem Server nicht. Wähl eine andere."
    ),
    "#{name} has no such tag. It has: {tags}.": "#{name} hat diesen Tag nicht. Es gibt: {tags}.",
    "#{name} has no tags. Leave the tag out.": "#{name} hat keine Tags. Lass den Tag weg.",
    "Only a forum's posts have tags; #{name} is no forum.": (
        "Nur Beiträge in Foren haben Tags; #{name} ist kein Forum."
    ),
    "#{name} wants a tag for every post. Choose one with /digest add, option tag: {tags}.": (
        "#{name} will einen Tag für jeden Beitrag. Wähl einen mit /digest add, Option tag: {tags}."
    ),
    "This setting is on or off.": "Diese Einstellung ist on (ein) oder off (aus).",
    "In a forum each digest is a post, which people can discuss already. Leave the thread out.": (
        "Im Forum ist jeder Digest ein Beitrag, über den man schon reden kann. Lass den Thread weg."
    ),
    "Only an announcement channel's messages can be published to followers.": (
        "Nur Nachrichten in Ankündigungskanälen können für Follower veröffentlicht werden."
    ),
    "This digest was removed in the meantime. /digest list shows those there are.": (
        "Dieser Digest wurde inzwischen entfernt. /digest list zeigt die vorhandenen."
    ),
    "#{name} has {most} digests already, the most a channel may have. Change one with /digest edit.": (
        "#{name} hat schon {most} Digests, mehr darf ein Kanal nicht haben. Ändere einen mit /digest edit."
    ),
    "#{name} has as many digests as a channel may have. Remove one first.": (
        "#{name} hat so viele Digests, wie ein Kanal haben darf. Entfern zuerst einen."
    ),
    "No channel was chosen. Choose one or more.": "Kein Kanal gewählt. Wähl einen oder mehrere.",
    "This page sends nothing. In Discord it would be posted in the channel.": (
        "Diese Seite sendet nichts. In Discord würde der Digest im Kanal gepostet."
    ),
    "There are no digests in this server yet. /digest add begins one.": (
        "Auf diesem Server gibt es noch keine Digests. /digest add beginnt einen."
    ),
    "No digest goes to that channel. /digest list shows which go where, /digest add begins one.": (
        "In diesen Kanal geht kein Digest. /digest list zeigt, was wohin geht, /digest add beginnt einen."
    ),
    "There is no such digest in this server. Choose one of those suggested, or see /digest list.": (
        "Diesen Digest gibt es auf diesem Server nicht. Wähl einen der vorgeschlagenen oder sieh in /digest list nach."
    ),
    # A digest's panel
    "### Digest for {channel}": "### Digest für {channel}",
    "Done: this is the new digest.": "Fertig: Das ist der neue Digest.",
    "-# set up by {member}, {day}": "-# eingerichtet von {member}, {day}",
    "-# set up by {member}": "-# eingerichtet von {member}",
    "-# Not before then: if the post is late, it goes out when the post arrives.": (
        "-# Nicht früher: Kommt die Ausgabe später, geht der Digest mit ihr hinaus."
    ),
    "-# Nothing would be posted now: {reason}.": "-# Jetzt würde nichts gepostet: {reason}.",
    "pings {role}": "pingt {role}",
    "a role that is gone": "eine Rolle, die es nicht mehr gibt",
    "opens a thread": "öffnet einen Thread",
    "published to followers": "für Follower veröffentlicht",
    "tag {tag}": "Tag {tag}",
    "says when there is nothing new": "sagt, wenn es nichts Neues gibt",
    "Ping a role…": "Eine Rolle pingen …",
    "Stop pinging": "Nicht mehr pingen",
    "Also post this in…": "Auch posten in …",
    "Move to another channel…": "In einen anderen Kanal …",
    "Tag of its posts": "Tag der Beiträge",
    "No tag": "Kein Tag",
    "Quiet days: a line": "Ruhige Tage: eine Zeile",
    "Quiet days: silent": "Ruhige Tage: still",
    "Thread: on": "Thread: ein",
    "Thread: off": "Thread: aus",
    "Publish: on": "Veröffentlichen: ein",
    "Publish: off": "Veröffentlichen: aus",
    "Post it now": "Jetzt posten",
    "All digests": "Alle Digests",
    "-# Posts usually arrive by {time}: {percent} % of the last {count} had.": (
        "-# Ausgaben kommen meist bis {time} Uhr: So war es bei {percent} % der letzten {count}."
    ),
    "By {time} it was {percent} %.": "Bis {time} Uhr waren es {percent} %.",
    # Permissions, as Discord calls them, and what else stands in the way
    "View Channel": "Kanal anzeigen",
    "Send Messages": "Nachrichten senden",
    "Read Message History": "Nachrichtenverlauf anzeigen",
    "Create Public Threads": "Öffentliche Threads erstellen",
    "Send Messages in Threads": "Nachrichten in Threads senden",
    "Mention All Roles": "Alle Rollen erwähnen",
    "{sign} All permissions are there in {channel}.": "{sign} In {channel} sind alle Berechtigungen da.",
    "{sign} Missing in {channel}: {permissions}. Give them to this app in the channel's settings, Permissions.": (
        "{sign} In {channel} fehlt: {permissions}. Gib das dieser App in den Einstellungen des Kanals, Berechtigungen."
    ),
    "{sign} The channel is gone, or this app can't see it. Move the digest to another channel.": (
        "{sign} Den Kanal gibt es nicht mehr, oder diese App sieht ihn nicht. Wähl einen anderen Kanal für den Digest."
    ),
    "{sign} {role} can't be pinged: let everyone mention it in the role's settings, or give this app "
    "{permission} in {channel}.": (
        "{sign} {role} kann nicht gepingt werden: Lass die Rolle in ihren Einstellungen von allen erwähnen "
        "oder gib dieser App {permission} in {channel}."
    ),
    "{sign} This forum wants a tag: choose one of {tags}.": "{sign} Dieses Forum will einen Tag: Wähl {tags}.",
    # Pausing
    "Paused since {day}. **Resume** lets it go on.": "Pausiert seit {day}. Mit **Fortsetzen** geht es weiter.",
    "Paused since {day}: permissions were missing. Give them, then press **Resume**.": (
        "Pausiert seit {day}: Berechtigungen fehlten. Gib sie und drück dann auf **Fortsetzen**."
    ),
    "Paused since {day}: its channel is gone. **Move to another channel** lets it go on.": (
        "Pausiert seit {day}: Den Kanal gibt es nicht mehr. Mit **In einen anderen Kanal** geht es weiter."
    ),
    "Paused since {day}: this app was removed from the server. **Resume** lets it go on.": (
        "Pausiert seit {day}: Diese App wurde vom Server entfernt. Mit **Fortsetzen** geht es weiter."
    ),
    "Paused since {day}: posting it failed again and again. **Resume** tries again.": (
        "Pausiert seit {day}: Das Posten ist immer wieder fehlgeschlagen. **Fortsetzen** versucht es wieder."
    ),
    "It goes on.": "Es geht weiter.",
    "It was not paused.": "Er war nicht pausiert.",
    "✗ It can't go on yet: see below what is missing.": "✗ Es kann noch nicht weitergehen: Sieh unten, was fehlt.",
    # What was done
    "Moved to {channel}.": "Jetzt in {channel}.",
    "✗ Not posted: see below what is missing.": "✗ Nicht gepostet: Sieh unten, was fehlt.",
    "{sign} Posted in {channel} already": "{sign} In {channel} schon gepostet",
    "{sign} Posted in {channel}": "{sign} In {channel} gepostet",
    "There is nothing to post now: {reason}.": "Jetzt gibt es nichts zu posten: {reason}.",
    "It may have arrived: look into {channel}. If it is not there, post it again.": (
        "Vielleicht ist er angekommen: Schau in {channel} nach. Wenn nicht, poste ihn noch einmal."
    ),
    "Also in {channel} now.": "Jetzt auch in {channel}.",
    "it has this digest already": "hat diesen Digest schon",
    "added, but permissions are missing: {permissions}": "hinzugefügt, aber Berechtigungen fehlen: {permissions}",
    "it has {n} digest already, the most a channel may have": ("hat schon {n} Digest, mehr darf ein Kanal nicht haben"),
    "it has {n} digests already, the most a channel may have": (
        "hat schon {n} Digests, mehr darf ein Kanal nicht haben"
    ),
    "Remove the digest for {channel}?": "Den Digest für {channel} entfernen?",
    "The digest for {channel} is removed.": "Der Digest für {channel} ist entfernt.",
    "-# What it posted stays. /digest add begins a new one.": (
        "-# Was er gepostet hat, bleibt. /digest add beginnt einen neuen."
    ),
    # Why Discord did not take it
    "Discord says that a permission is missing. Give this app what is named below, then try again.": (
        "Laut Discord fehlt eine Berechtigung. Gib dieser App, was unten steht, und versuch es dann wieder."
    ),
    "Discord says that the channel is gone. Move the digest to another channel.": (
        "Laut Discord gibt es den Kanal nicht mehr. Wähl einen anderen Kanal für den Digest."
    ),
    "Discord says that this app may not write to you.": "Laut Discord darf diese App dir nicht schreiben.",
    "Discord refused the message. Look at the settings, the tag of a forum first; then try again.": (
        "Discord hat die Nachricht abgelehnt. Prüf die Einstellungen, zuerst den Tag eines Forums, und "
        "versuch es dann wieder."
    ),
    "Discord asked for a pause. Try again in some minutes.": (
        "Discord bittet um eine Pause. Versuch es in einigen Minuten wieder."
    ),
    "Discord could not be reached. Try again in some minutes.": (
        "Discord war nicht zu erreichen. Versuch es in einigen Minuten wieder."
    ),
    # The list
    "### Digests in this server": "### Digests auf diesem Server",
    "### Which digest?": "### Welcher Digest?",
    "-# {n} digest": "-# {n} Digest",
    "-# {n} digests": "-# {n} Digests",
    "-# The option “digest” has {n} more.": "-# Die Option „digest“ hat {n} weitere.",
    "-# This app was away until {day}. Digests went on then, without catching up.": (
        "-# Diese App war bis {day} weg. Danach ging es weiter, ohne etwas nachzuholen."
    ),
    "None yet.": "Noch keine.",
    "/digest add posts the hottest papers to a channel every day.": (
        "/digest add postet die gefragtesten Paper täglich in einen Kanal."
    ),
    "Open": "Öffnen",
    "set up by {member}": "eingerichtet von {member}",
    "nothing posted yet": "noch nichts gepostet",
    "last: [posted]({url}) {when}": "zuletzt: [gepostet]({url}) {when}",
    "last: posted {when}": "zuletzt: gepostet {when}",
    "last: failed {when}": "zuletzt: fehlgeschlagen {when}",
    "last: may have arrived {when}": "zuletzt: vielleicht angekommen {when}",
    "last: on its way": "zuletzt: unterwegs",
    "next: {when}": "nächster: {when}",
    "active": "aktiv",
    "paused": "pausiert",
    "paused: permissions were missing": "pausiert: Berechtigungen fehlten",
    "paused: its channel is gone": "pausiert: den Kanal gibt es nicht mehr",
    "paused: this app was removed from the server": "pausiert: diese App wurde vom Server entfernt",
    "paused: posting failed": "pausiert: das Posten ist fehlgeschlagen",
    "its channel is gone": "den Kanal gibt es nicht mehr",
    "missing: {permissions}": "es fehlt: {permissions}",
    # Why it came, or did not
    "### Why the digest for {channel} came, or did not": "### Warum der Digest für {channel} kam oder nicht",
    "### Why your digest came, or did not": "### Warum dein Digest kam oder nicht",
    "What to do: {advice}": "Was tun: {advice}",
    "source reached": "Quelle erreicht",
    "source not reached": "Quelle nicht erreicht",
    "post of {day}": "Ausgabe vom {day}",
    "{n} paper chosen": "{n} Paper ausgewählt",
    "{n} papers chosen": "{n} Paper ausgewählt",
    "no papers chosen": "keine Paper ausgewählt",
    "no papers chosen: {reason}": "keine Paper ausgewählt: {reason}",
    "permission to post": "Berechtigung zum Posten",
    "permission to write": "Berechtigung zum Schreiben",
    "permission missing: {permissions}": "Berechtigung fehlt: {permissions}",
    "no permission: the channel is gone, or this app can't see it": (
        "keine Berechtigung: Den Kanal gibt es nicht mehr, oder diese App sieht ihn nicht"
    ),
    "no permission: your direct messages are closed to this app": (
        "keine Berechtigung: Deine Direktnachrichten sind für diese App geschlossen"
    ),
    "sent": "gesendet",
    "[sent]({url})": "[gesendet]({url})",
    "not sent": "nicht gesendet",
    "not sent: {problem}": "nicht gesendet: {problem}",
    "not sent; the [last one]({url}) was before": "nicht gesendet; der [letzte]({url}) war früher",
    "perhaps sent: Discord's answer was lost": "vielleicht gesendet: Discords Antwort ging verloren",
    "none while it is paused": "keiner, solange er pausiert ist",
    "as soon as there is something to send": "sobald es etwas zu senden gibt",
    "never: no day of the week is chosen": "nie: kein Wochentag ist gewählt",
    "it is paused. **Resume** in {settings} lets it go on.": (
        "Er ist pausiert. Mit **Fortsetzen** in {settings} geht es weiter."
    ),
    "this app was removed from the server. **Resume** in {settings} lets it go on.": (
        "Diese App wurde vom Server entfernt. Mit **Fortsetzen** in {settings} geht es weiter."
    ),
    "the channel is gone. Choose **Move to another channel** in {settings}.": (
        "Den Kanal gibt es nicht mehr. Wähl **In einen anderen Kanal** in {settings}."
    ),
    "sending it failed again and again. **Resume** in {settings} tries again.": (
        "Das Senden ist immer wieder fehlgeschlagen. **Fortsetzen** in {settings} versucht es wieder."
    ),
    "this forum wants a tag for every post. Choose one in {settings}.": (
        "Dieses Forum will einen Tag für jeden Beitrag. Wähl einen in {settings}."
    ),
    "Then press **Resume** in {settings}.": "Drück danach auf **Fortsetzen** in {settings}.",
    "give this app {permissions} in the channel's settings, Permissions.": (
        "Gib dieser App {permissions} in den Einstellungen des Kanals, Berechtigungen."
    ),
    "nothing here. Whoever runs this bot must see to the source of its posts.": (
        "Hier nichts. Wer diesen Bot betreibt, muss sich um die Quelle der Ausgaben kümmern."
    ),
    "nothing. It goes out when the next post arrives.": "Nichts. Er geht mit der nächsten Ausgabe hinaus.",
    "nothing, or choose more categories or how hot papers must be in {settings}.": (
        "Nichts, oder wähl in {settings} mehr Kategorien oder wie gefragt Paper sein müssen."
    ),
    "see what is said beside “not sent”, then send it again from {settings}.": (
        "Sieh, was neben „nicht gesendet“ steht, und sende ihn dann aus {settings} noch einmal."
    ),
    "nothing. It goes out within minutes.": "Nichts. Er geht in wenigen Minuten hinaus.",
    "nothing. It is not due yet; {settings} sends one at once.": (
        "Nichts. Er ist noch nicht fällig; aus {settings} lässt sich sofort einer senden."
    ),
    "nothing, all is well.": "Nichts, alles ist gut.",
    # Not hot enough
    "the only paper is not hot enough": "das einzige Paper ist nicht gefragt genug",
    "none of {n} hot enough": "keines von {n} ist gefragt genug",
}
