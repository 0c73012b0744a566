"""A Discord for tests: REST and gateway over loopback, good enough for the real client.

    world = World()
    ada = world.add_user("ada")
    guild = world.add_guild(members=[ada])
    async with Server(world) as server:
        ...                                    # start a bot with server.base and world.token
        await server.connected()
        answer = await server.run_command(ada, "top", {"period": "week"})
    assert server.violations == [] and server.unanswered == []

`state` is what there is, `*_rules` are Discord's rules, `routes_*` the requests, `gateway` the events, `driver` the
members and `happenings` the rest of the world; `faults` and `pace` make it unreliable on demand.
"""

from tests.discord_server.answers import Answer
from tests.discord_server.faults import Fault
from tests.discord_server.inputs import Upload
from tests.discord_server.offers import NotOfferedError
from tests.discord_server.pace import Pace
from tests.discord_server.server import Server
from tests.discord_server.specification import read_specification
from tests.discord_server.state import Channel, Guild, Message, Role, User, World

__all__ = [
    "Answer",
    "Channel",
    "Fault",
    "Guild",
    "Message",
    "NotOfferedError",
    "Pace",
    "Role",
    "Server",
    "Upload",
    "User",
    "World",
    "read_specification",
]
