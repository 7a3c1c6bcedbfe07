"""Recordings that are not right, files of no call, and what a person can do about them."""

from aiohttp import web

from web.keys import MenuItem
from web.recordings import files, repairs, rooms

KEY = r"{id:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}}"

routes: list[web.RouteDef] = [
    web.get("/recordings", repairs.index, name="recordings.index"),
    web.post(f"/recordings/{KEY}/looks", repairs.look_again, name="recording_looks.create"),
    web.post(f"/recordings/{KEY}/ends", repairs.give_up, name="recording_ends.create"),
    web.get("/recordings/room", rooms.show, name="recording_rooms.show"),
    web.get("/recordings/files", files.index, name="recording_files.index"),
    web.post(f"/recordings/files/{KEY}/takings", files.take, name="recording_takings.create"),
    web.post(f"/recordings/files/{KEY}/leavings", files.leave, name="recording_leavings.create"),
]
menu: list[MenuItem] = []
