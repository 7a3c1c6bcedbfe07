"""What the OpenAPI document says is so: schemathesis asks every operation odd things."""

import asyncio
import sys

import pytest
from aiohttp.test_utils import TestServer

pytestmark = pytest.mark.usefixtures("ears")

CHECKS = (
    "not_a_server_error,status_code_conformance,"
    "content_type_conformance,response_schema_conformance"
)


async def test_the_api_keeps_to_its_document(server: TestServer, program, tmp_path) -> None:
    client = await program("administrator", "read", "write", "recordings")
    for name in ("Zoe", "Yan"):
        body = {"name": name, "numbers": [{"written": "+442071234567"}]}
        assert (await client.post("/api/v1/customers", json=body)).status == 201
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "schemathesis.cli", "run",
        str(server.make_url("/api/v1/openapi.json")), "--url", str(server.make_url("/api/v1")),
        "--header", f"Authorization: {client.session.headers['Authorization']}",
        "--checks", CHECKS, "--max-examples", "12", "--seed", "1", "--no-color",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, cwd=tmp_path,
    )  # fmt: skip
    told, _ = await process.communicate()
    text = told.decode()
    assert process.returncode == 0, text[text.find("= FAILURES =") :]
