"""Recordings that are not right, files of no call, and what a person can do about them."""

from aiohttp import web

from web.keys import MenuItem
from web.recordings import files, repairs, rooms, shared, shares

KEY = r"{id:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}}"

routes: list[web.RouteDef] = [
    web.get("/recordings", repairs.index, name="recordings.index"),
    web.post(f"/recordings/{KEY}/looks", repairs.look_again, name="recording_looks.create"),
    web.post(f"/recordings/{KEY}/ends", repairs.give_up, name="recording_ends.create"),
    web.get("/recordings/shares", shares.index, name="shares.index"),
    web.post(f"/recordings/{KEY}/shares", shares.create, name="shares.create"),
    web.post(f"/shares/{KEY}/withdrawals", shares.withdraw, name="share_withdrawals.create"),
    web.get("/shared", shared.show, name="shared.show"),
    web.post("/shared/plays", shared.create, name="shared.create"),
    web.get(f"/shared/plays/{KEY}/audio", shared.audio, name="shared.audio"),
    web.get("/recordings/room", rooms.show, name="recording_rooms.show"),
    web.get("/recordings/files", files.index, name="recording_files.index"),
    web.post(f"/recordings/files/{KEY}/takings", files.take, name="recording_takings.create"),
    web.post(f"/recordings/files/{KEY}/leavings", files.leave, name="recording_leavings.create"),
]
menu: list[MenuItem] = []
