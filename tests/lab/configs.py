"""What an Asterisk of the lab is told: our printed files, and the lab's own around them."""

import re
import shutil
import string
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lab import layout, sounds
from lab.ports import free_ports, pbx_sound
from pbx_bridge import asterisk

_TEMPLATES = Path(__file__).parent / "asterisk"
_OURS_ALONE = {"astmoddir", "astvarlibdir", "astdatadir", "astagidir", "astsbindir"}
_NOLOAD = (
    *("chan_sip", "chan_iax2", "chan_dahdi", "chan_unistim", "chan_skinny", "chan_mgcp"),
    *("chan_alsa", "chan_console", "chan_motif", "chan_oss", "chan_phone", "chan_misdn"),
    *("chan_mobile", "chan_vpb", "chan_ooh323", "cdr_pgsql", "cel_pgsql", "res_config_pgsql"),
    *("cdr_manager", "cdr_radius", "cel_radius", "cdr_tds", "cel_tds", "cdr_mysql"),
    *("cdr_adaptive_odbc", "cdr_odbc", "cel_odbc", "res_odbc", "res_odbc_transaction"),
    *("func_odbc", "res_config_odbc", "res_config_mysql", "res_config_ldap", "app_mysql"),
    *("app_voicemail_imap", "app_voicemail_odbc", "app_festival", "app_jack", "app_alarmreceiver"),
    *("app_adsiprog", "app_getcpeid", "app_minivm", "app_sms", "app_test", "res_adsi"),
    *("res_hep", "res_hep_pjsip", "res_hep_rtcp", "res_phoneprov", "res_snmp", "res_xmpp"),
    *("res_pjsip_phoneprov_provider", "res_corosync", "res_prometheus", "res_resolver_unbound"),
    *("res_geolocation", "res_pjsip_geolocation", "res_stir_shaken", "res_pjsip_stir_shaken"),
    *(
        "res_smdi",
        "res_stun_monitor",
        "res_fax",
        "res_fax_spandsp",
        "res_pktccops",
        "res_ael_share",
    ),
    *("pbx_ael", "pbx_lua", "pbx_dundi", "pbx_realtime", "osp", "app_osplookup"),
    *("cdr_sqlite3_custom", "cel_sqlite3_custom", "cdr_syslog", "cdr_beanstalkd", "cel_beanstalkd"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Where one Asterisk of the lab listens, all on 127.0.0.1."""

    ami: int
    ami_tls: int
    http: int
    https: int
    sip: int
    trunks: Mapping[str, int]
    phones: Mapping[str, int]
    sound: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One that may log in to the manager interface."""

    username: str
    secret: str


def free() -> Ports:
    """Return ports that nobody holds now."""
    agents = [*layout.agents(), *layout.seconds()]
    ami, ami_tls, http, https, sip, *others = free_ports(5 + len(string.digits) + len(agents))
    return Ports(
        ami=ami,
        ami_tls=ami_tls,
        http=http,
        https=https,
        sip=sip,
        trunks=dict(zip(string.digits, others, strict=False)),
        phones=dict(zip(agents, others[len(string.digits) :], strict=True)),
        sound=pbx_sound(),
    )


def write(
    target: Path,
    *,
    root: Path,
    version: int,
    ports: Ports,
    ours: Account,
    softphones: Mapping[str, str],
    tap: str,
    systemname: str,
) -> None:
    """Write all configuration files into `target`, which the Asterisk will see as /srv/etc."""
    shutil.copytree(root / "etc/asterisk", target, dirs_exist_ok=True)
    values = {
        "directories": _directories(root),
        "noload": "\n".join(f"noload = {module}.so" for module in _NOLOAD),
        "ami": ports.ami,
        "ami_tls": ports.ami_tls,
        "sip": ports.sip,
        "rtp_first": ports.sound[0],
        "rtp_last": ports.sound[1],
        "tap_secret": tap,
        "systemname": systemname,
        "trunks": "\n".join(_trunk(digit, port) for digit, port in ports.trunks.items()),
        "phones": "\n".join(_phone(number, ports.phones) for number in layout.agents()),
    }
    for template in sorted(_TEMPLATES.glob("*.conf")):
        queues = {"extensions.conf": _ways_in, "queues.conf": _queues}.get(template.name, str)
        text = template.read_text(encoding="utf-8").format(**values, queues=queues())
        (target / template.name).write_text(text, encoding="utf-8")
    printed = _printed(version, ours) | _doors(ports, softphones)
    for name, text in printed.items():
        (target / name).write_text(text, encoding="utf-8")
    sounds.write_music(target / "music")


def _printed(version: int, ours: Account) -> dict[str, str]:
    manager = asterisk.manager_conf(
        version=version,
        username=ours.username,
        secret=ours.secret,
        permit="127.0.0.1/255.255.255.255",
    )
    return {
        "manager_ringbook.conf": manager,
        "cdr.conf": asterisk.cdr_conf(),
        "cel.conf": asterisk.cel_conf(),
        "cel_custom.conf": asterisk.cel_custom_conf(),
        "extensions_ringbook.conf": asterisk.dialplan("from-agents"),
    }


def _doors(ports: Ports, softphones: Mapping[str, str]) -> dict[str, str]:
    """Where softphones come in, and their accounts; all on this machine."""
    http = asterisk.http_conf(
        port=ports.http,
        tls_bind=f"127.0.0.1:{ports.https}",
        certificate="/srv/etc/certificate.pem",
        key="/srv/etc/key.pem",
    )
    pjsip = asterisk.pjsip_conf(softphones, context="from-agents")
    return {
        "http.conf": http,
        "pjsip_ringbook.conf": pjsip.replace("bind = 0.0.0.0", "bind = 127.0.0.1"),
    }


def _directories(root: Path) -> str:
    stock = (root / "etc/asterisk/asterisk.conf").read_text(encoding="utf-8")
    found = re.findall(r"^(ast\w+) => \S+", stock, flags=re.MULTILINE)
    lines = [line for line in stock.splitlines() if line.partition(" ")[0] in _OURS_ALONE]
    if len(lines) < len(_OURS_ALONE & set(found)):
        raise ValueError(f"{root}/etc/asterisk/asterisk.conf names no folders")
    return "\n".join(lines)


def _phone(number: str, ports: Mapping[str, int]) -> str:
    lines = [
        f"[{number}](telephone)",
        "context = from-agents",
        f"aors = {number}",
        f"callerid = Agent {number} <{number}>",
    ]
    if (pair := layout.pair_of(number)) is not None:
        lines += [f"named_call_group = {pair}", f"named_pickup_group = {pair}"]
    contacts = [ports[number]] + ([ports[desk]] if (desk := layout.second(number)) in ports else [])
    lines += [f"[{number}]", "type = aor", "max_contacts = 0"]
    lines += [f"contact = sip:{number}@127.0.0.1:{port}" for port in contacts]
    return "\n".join((*lines, ""))


def _trunk(digit: str, port: int) -> str:
    return (
        f"[trunk{digit}](telephone)\n"
        f"context = from-trunk\n"
        f"aors = trunk{digit}\n"
        f"[trunk{digit}]\n"
        f"type = aor\n"
        f"contact = sip:127.0.0.1:{port}\n"
    )


def _ways_in() -> str:
    return "\n".join(
        f"exten => {queue.number},1,Answer()\n"
        f" same => n,Gosub(ringbook-record,s,1)\n"
        f" same => n,Queue({queue.name},tT,,,{layout.WAIT_SECONDS[queue.kind]})\n"
        f" same => n,{_goes_on(queue)}"
        for queue in layout.queues()
    )


def _goes_on(queue: layout.Queue) -> str:
    following = layout.following(queue)
    return f"Goto({following.number},1)" if following else "Hangup()"


def _queues() -> str:
    return "\n".join(_queue(queue) for queue in layout.queues())


def _queue(queue: layout.Queue) -> str:
    kind = layout.Kind
    template = {
        kind.HUNTING: "hunting",
        kind.LEAVING: "leaving",
        kind.KEYED: "keyed",
        kind.PAUSING: "pausing",
    }.get(queue.kind, "everyone")
    members = (f"member => {_member(queue.kind, agent)}" for agent in queue.agents)
    return "\n".join((f"[{queue.name}]({template})", *members, ""))


def _member(kind: layout.Kind, agent: str) -> str:
    through = {
        layout.Kind.LOCALS: f"Local/{agent}@from-queue/n",
        layout.Kind.OPTIMISED: f"Local/{agent}@from-queue",
        layout.Kind.TWINS: f"Local/{agent}@from-queue/n",
    }
    return f"{through.get(kind, f'PJSIP/{agent}')},0,Agent {agent},PJSIP/{agent}"
