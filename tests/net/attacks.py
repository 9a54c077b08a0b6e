#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""attacks.py [--ask COMMAND] FROM VICTIM PEER...: what a hostile guest sends, and where it arrives.

The guest is the host FROM of hosts.sh, behind a port with `guard: vm`, its MAC and its addresses. VICTIM must
never receive anything of it ("-": there is none), a PEER only what a guest may send. Hosts are network
namespaces with an eth0; a PEER may be a device of this namespace, written dev:NAME. They must be mute: whatever
arrives counts.

COMMAND prints `kvs drops --json`. What comes out is one JSON object per attack: {"attack", "sent", "reason": why all of
it is to be refused, or null, "refused": {reason: frames} by what kvs says, without COMMAND null, "victim": frames that
arrived there, "peer": frames that arrived at all peers, "lost": allowed frames that arrived at none}.
"""
import argparse
import ctypes
import json
import os
import random
import shlex
import socket
import subprocess
import time

from scapy.all import (ARP, BOOTP, DHCP, Dot1Q, Ether, ICMPv6EchoRequest, ICMPv6ND_NA, ICMPv6ND_NS, ICMPv6ND_RA,
                       ICMPv6ND_Redirect, ICMPv6NDOptDstLLAddr, ICMPv6NDOptSrcLLAddr, IP, IPv6, IPv6ExtHdrDestOpt,
                       IPv6ExtHdrFragment, IPv6ExtHdrHopByHop, LLC, PadN, Raw, STP, UDP)
from scapy.layers.dhcp6 import DHCP6_Reply

BROADCAST = "ff:ff:ff:ff:ff:ff"
UNKNOWN = "02:00:00:00:99:99"
NOBODY4, NOBODY6 = "192.0.2.77", "2001:db8::77"
SOL_PACKET, PACKET_IGNORE_OUTGOING, SO_RCVBUFFORCE = 263, 23, 33
LIMIT = 10  # seconds until what must arrive has arrived


class Host:
    """hN of hosts.sh"""

    def __init__(self, name):
        n = name[1:]
        self.mac, self.ip, self.ip6 = f"02:00:00:00:00:{int(n):02x}", f"192.0.2.{n}", f"2001:db8::{n}"


def open_socket(name):
    """A packet socket at a host's eth0, or at a device of this namespace."""
    here = os.open("/proc/self/ns/net", os.O_RDONLY)
    device = name.removeprefix("dev:") if name.startswith("dev:") else "eth0"
    if not name.startswith("dev:"):
        enter(os.open(f"/run/netns/{name}", os.O_RDONLY))
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    s.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24)
    s.bind((device, 3))  # ETH_P_ALL
    s.setblocking(False)
    enter(here)
    return s


def enter(netns):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(netns, 0x40000000):
        raise OSError(ctypes.get_errno(), "setns")
    os.close(netns)


def received(s):
    frames = []
    while True:
        try:
            frames.append(s.recv(65536))
        except BlockingIOError:
            return frames


def udp4(a, to=UNKNOWN, **ip):
    fields = {"src": a.ip, "dst": NOBODY4} | ip
    return Ether(src=a.mac, dst=to) / IP(**fields) / UDP(sport=1000, dport=2000) / Raw(b"x" * 32)


def udp6(a, to=UNKNOWN, **ip):
    fields = {"src": a.ip6, "dst": NOBODY6} | ip
    return Ether(src=a.mac, dst=to) / IPv6(**fields) / UDP(sport=1000, dport=2000) / Raw(b"x" * 32)


def arp(a, to=BROADCAST, **fields):
    return Ether(src=a.mac, dst=to) / ARP(**({"hwsrc": a.mac, "psrc": a.ip, "pdst": NOBODY4} | fields))


def icmp6(a, message, to="33:33:00:00:00:01", **ip):
    return Ether(src=a.mac, dst=to) / IPv6(**({"src": a.ip6, "dst": "ff02::1", "hlim": 255} | ip)) / message


def fragments6(a, payload, first, nh):
    """Two fragments; `first` bytes in the first."""
    packet = lambda part, off, more: (Ether(src=a.mac, dst="33:33:00:00:00:01") /
                                      IPv6(src=a.ip6, dst="ff02::1", hlim=255) /
                                      IPv6ExtHdrFragment(nh=nh, offset=off // 8, m=more, id=7) / Raw(part))
    return [packet(payload[:first], 0, 1), packet(payload[first:], first, 0)]


def allowed(a, v):
    """What a guest may send: (name, frames)."""
    yield "unicast to the victim", [udp4(a, v.mac, dst=v.ip)]
    yield "unknown unicast", [udp4(a)]
    yield "broadcast", [udp4(a, BROADCAST, dst="255.255.255.255"), arp(a)]
    yield "multicast", [udp4(a, "01:00:5e:01:02:03", dst="239.1.2.3"), udp6(a, "33:33:00:00:12:34", dst="ff15::1234")]
    yield "own neighbours", [arp(a), icmp6(a, ICMPv6ND_NA(tgt=a.ip6) / ICMPv6NDOptDstLLAddr(lladdr=a.mac))]
    yield "IPv6", [udp6(a), icmp6(a, ICMPv6EchoRequest())]
    yield "fragments", [udp4(a, frag=100), udp4(a, flags="MF")]


def spoofs(a, v):
    yield "spoofed MAC", "mac", [Ether(src=v.mac, dst=UNKNOWN) / IP(src=a.ip, dst=NOBODY4) / UDP() / Raw(b"x" * 32)]
    flood = random.Random(1)
    yield "MAC flood", "mac", [udp4(Guest(a, f"02:{flood.randrange(256):02x}:{n >> 8:02x}:{n & 255:02x}:99:99"))
                               for n in range(500)]
    yield "spoofed IPv4", "ipv4", [udp4(a, src=v.ip), udp4(a, src="127.0.0.1"), udp4(a, src="0.0.0.0")]
    yield "spoofed IPv6", "ipv6", [udp6(a, src=v.ip6), udp6(a, src="::1"), udp6(a, src="::"), udp6(a, src="fe80::1")]
    yield "ARP for another's address", "arp", [arp(a, op=2, psrc=v.ip), arp(a, psrc=v.ip, pdst=v.ip)]
    yield "ARP with another's MAC", "arp", [arp(a, op=2, hwsrc=v.mac)]
    yield "ARP probe for another's", "arp", [arp(a, psrc="0.0.0.0", pdst=v.ip)]
    yield "ND for another's address", "nd", [icmp6(a, ICMPv6ND_NA(tgt=v.ip6) / ICMPv6NDOptDstLLAddr(lladdr=a.mac))]
    yield "ND with another's MAC", "nd", [
        icmp6(a, ICMPv6ND_NA(tgt=a.ip6) / ICMPv6NDOptDstLLAddr(lladdr=v.mac)),
        icmp6(a, ICMPv6ND_NS(tgt=v.ip6) / ICMPv6NDOptSrcLLAddr(lladdr=v.mac))]
    yield "DAD for another's", "nd", [icmp6(a, ICMPv6ND_NS(tgt=v.ip6), src="::")]


class Guest(Host):
    """Host a under another MAC."""

    def __init__(self, a, mac):
        self.mac, self.ip, self.ip6 = mac, a.ip, a.ip6


def servers(a, v):
    offer = BOOTP(op=2, yiaddr=v.ip, siaddr=a.ip) / DHCP(options=[("message-type", "offer"), "end"])
    yield "DHCP server", "dhcp", [Ether(src=a.mac, dst=BROADCAST) / IP(src=a.ip, dst="255.255.255.255") /
                                  UDP(sport=67, dport=68) / offer]
    yield "DHCPv6 server", "dhcp", [Ether(src=a.mac, dst=v.mac) / IPv6(src=a.ip6, dst=v.ip6) /
                                    UDP(sport=547, dport=546) / DHCP6_Reply()]
    yield "DHCPv6 behind options", "dhcp", [Ether(src=a.mac, dst=v.mac) / IPv6(src=a.ip6, dst=v.ip6) /
                                            IPv6ExtHdrDestOpt(options=[PadN(optdata=b"\0" * 4)]) /
                                            UDP(sport=547, dport=546) / DHCP6_Reply()]
    ra = ICMPv6ND_RA() / ICMPv6NDOptSrcLLAddr(lladdr=a.mac)
    hbh, dst = IPv6ExtHdrHopByHop(options=[PadN(optdata=b"\0" * 4)]), IPv6ExtHdrDestOpt(options=[PadN(optdata=b"\0" * 4)])
    yield "RA", "router", [icmp6(a, ra)]
    yield "RA behind options", "router", [icmp6(a, dst / ra), icmp6(a, hbh / dst / ra), icmp6(a, dst / dst / dst / ra)]
    yield "redirect", "router", [icmp6(a, ICMPv6ND_Redirect(tgt=a.ip6, dst=NOBODY6))]
    whole = bytes(IPv6(src=a.ip6, dst="ff02::1", hlim=255) / ra)[40:]
    hidden = bytes(IPv6(src=a.ip6, dst="ff02::1", hlim=255) / dst / ra)[40:]
    yield "RA in fragments", "fragment", fragments6(a, whole, 8, 58)[:1]
    yield "RA in a later fragment", "fragment", fragments6(a, hidden, 8, 60)[:1]


def links(a, v):
    inner = IP(src=a.ip, dst=NOBODY4) / UDP() / Raw(b"x" * 32)
    tag = lambda vid: Dot1Q(vlan=vid)
    yield "VLAN tag", "tag", [Ether(src=a.mac, dst=UNKNOWN) / tag(vid) / inner for vid in (0, 10, 20)]
    yield "VLAN hopping", "tag", [Ether(src=a.mac, dst=v.mac) / tag(outer) / tag(20) / inner for outer in (1, 10)]
    yield "QinQ hopping", "tag", [Ether(src=a.mac, dst=v.mac, type=0x88a8) / tag(10) / tag(20) / inner]
    yield "BPDU", "ethertype", [Ether(src=a.mac, dst="01:80:c2:00:00:00") / LLC(dsap=0x42, ssap=0x42) / STP()]
    yield "LLDP, LACP", "ethertype", [Ether(src=a.mac, dst="01:80:c2:00:00:0e", type=0x88cc) / Raw(bytes(46)),
                                      Ether(src=a.mac, dst="01:80:c2:00:00:02", type=0x8809) / Raw(bytes(46))]
    yield "link-local groups", "link_local", [udp4(a, f"01:80:c2:00:00:{n:02x}") for n in range(16)]
    yield "other ethertypes", "ethertype", [Ether(src=a.mac, dst=v.mac, type=t) / Raw(bytes(46))
                                            for t in (0x8863, 0x8864, 0x8847, 0x88e5, 0x0842, 0x9000)]


def cut(frame, lengths):
    whole = bytes(frame)
    return [whole[:n] for n in lengths]


def malformed(a, v):
    yield "cut IPv4", "malformed", cut(udp4(a), range(15, 42))
    yield "cut IPv6", "malformed", cut(udp6(a), range(15, 62))
    yield "cut ARP", "malformed", cut(arp(a), range(15, 42))
    yield "cut ND", "malformed", cut(icmp6(a, ICMPv6ND_NA(tgt=a.ip6)), range(54, 78))
    yield "wrong lengths", "malformed", [udp4(a, ihl=4), udp4(a, len=10), udp4(a, len=9000), udp4(a, version=5),
                                         udp6(a, plen=9000), udp6(a, version=4)]
    yield "first fragment cut", "fragment", [udp4(a, flags="MF", len=24)]
    yield "fragment over the header", "fragment", [udp4(a, frag=1)]


def all_attacks(a, v):
    for name, frames in allowed(a, v):
        yield name, None, frames
    for part in (spoofs, servers, links, malformed):
        yield from part(a, v)


def missing(wanted, frames):
    left = list(frames)
    return [f for f in wanted if f not in left or left.remove(f)]


def wait_for(sockets, wanted):
    """What arrives at any of the sockets until all of wanted, frames, have, and how many have not."""
    frames, end = [], time.monotonic() + LIMIT
    while True:
        for s in sockets:
            frames += received(s)
        lost = missing(wanted, frames)
        if not lost or time.monotonic() > end:
            return frames, len(lost)
        time.sleep(0.002)


def drops(command, port):
    """{reason: frames refused} of the port"""
    if not command:
        return {}
    answer = json.loads(subprocess.check_output(shlex.split(command)))
    return next(p["drops"] for p in answer["ports"] if p["name"] == port)


def run(attack, out, victim, peers, last):
    """Sends the frames, then `last`, which must arrive at the first peer: all before it has arrived by then."""
    name, reason, frames = attack
    frames = [bytes(f) for f in frames]
    for f in frames + [last]:
        out.send(f)
    first, late = wait_for(peers[:1], [last])
    rest, lost = wait_for(peers[1:], [] if reason else missing(frames, first))
    arrived = first + rest
    return {"attack": name, "sent": len(frames), "reason": reason, "victim": len(received(victim)) if victim else 0,
            "peer": sum(f != last for f in arrived), "lost": late + lost}


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--ask")
    for word in ("attacker", "victim"):
        parser.add_argument(word)
    parser.add_argument("peers", nargs="+")
    return parser.parse_args()


def main():
    args = parse()
    a, v = Host(args.attacker), Host(args.victim if args.victim != "-" else "h2")
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # so that frames arrive in order
    out = open_socket(args.attacker)
    victim = open_socket(args.victim) if args.victim != "-" else None
    peers = [open_socket(p) for p in args.peers]
    last = bytes(arp(a, pdst="192.0.2.250"))
    before = drops(args.ask, args.attacker)
    for attack in all_attacks(a, v):
        result = run(attack, out, victim, peers, last)
        after = drops(args.ask, args.attacker)
        refused = {why: n - before.get(why, 0) for why, n in after.items() if n != before.get(why, 0)}
        before = after
        print(json.dumps(result | {"refused": refused if args.ask else None}), flush=True)


main()
