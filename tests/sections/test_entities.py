"""Entities of alerts and bookmarks: each type, references, and what is no entity at all."""

from __future__ import annotations

import json
from typing import Any

import pytest

from linuxhunt.sections.entities import entities, entity_frame

Row = tuple[str, str, str]


def rows(text: Any) -> list[Row]:
    return [(e.kind, e.name, "; ".join(e.details)) for e in entities(text)]


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        pytest.param({"$id": "1", "HostName": "web01", "DnsDomain": "example.org", "Type": "host"},
                     ("host", "web01.example.org", "hostname: web01; dnsdomain: example.org"),
                     id="host with domain"),
        pytest.param({"NetBiosName": "WEB01", "Type": "host"}, ("host", "WEB01", ""),
                     id="host by its other name"),
        pytest.param({"Name": "demo", "Type": "account"}, ("account", "demo", ""), id="account"),
        pytest.param({"Name": "demo", "NTDomain": "CORP", "Type": "Account"},
                     ("account", "CORP\\demo", "name: demo; ntdomain: CORP"),
                     id="account of a domain"),
        pytest.param({"Name": "demo", "UPNSuffix": "example.org", "Type": "account"},
                     ("account", "demo@example.org", "name: demo; upnsuffix: example.org"),
                     id="account of a tenant"),
        pytest.param({"Address": "203.0.113.9", "Location": {"CountryCode": "NL", "City": "X"},
                      "Type": "ip"},
                     ("ip", "203.0.113.9", "location: countrycode=NL, city=X"), id="ip"),
        pytest.param({"Url": "http://x.example/a", "Type": "url"},
                     ("url", "http://x.example/a", ""), id="url"),
        pytest.param({"DomainName": "x.example", "Type": "dns"}, ("dns", "x.example", ""),
                     id="dns"),
        pytest.param({"Directory": "/dev/shm/", "Name": ".x", "Type": "file"},
                     ("file", "/dev/shm/.x", "directory: /dev/shm/; name: .x"), id="file"),
        pytest.param({"Directory": "C:\\Temp", "Name": "x.exe", "Type": "file"},
                     ("file", "C:\\Temp\\x.exe", "directory: C:\\Temp; name: x.exe"),
                     id="file of Windows"),
        pytest.param({"Algorithm": "SHA256", "Value": "ab", "Type": "filehash"},
                     ("filehash", "SHA256 ab", "algorithm: SHA256; value: ab"), id="hash"),
        pytest.param({"ProcessId": "811", "Type": "process"},
                     ("process", "pid 811", "processid: 811"), id="process by its pid"),
        pytest.param({"SourceAddress": {"Address": "10.0.0.1"}, "SourcePort": 4001,
                      "DestinationAddress": {"Address": "203.0.113.9"}, "DestinationPort": 443,
                      "Protocol": "Tcp", "Type": "network-connection"},
                     ("network-connection", "10.0.0.1:4001 → 203.0.113.9:443 Tcp",
                      "sourceaddress: address=10.0.0.1; sourceport: 4001;"
                      " destinationaddress: address=203.0.113.9; destinationport: 443;"
                      " protocol: Tcp"), id="connection"),
        pytest.param({"ResourceId": "/subscriptions/x", "Type": "AzureResource"},
                     ("azure-resource", "/subscriptions/x", ""), id="resource"),
        pytest.param({"Name": "Mirai", "Category": "Botnet", "Type": "malware"},
                     ("malware", "Mirai", "category: Botnet"), id="another type"),
        pytest.param({"Foo": [1, True, None], "Type": "thing"}, ("thing", "", "foo: 1, True"),
                     id="a type that nobody knows"),
        pytest.param({"kind": "Host", "properties": {"hostName": "web01"}},
                     ("host", "web01", ""), id="as the REST API writes it"),
    ],
)  # fmt: skip
def test_each_type(held: dict[str, Any], expected: Row) -> None:
    assert rows(json.dumps([held])) == [expected]


def test_references_stand_for_what_they_name() -> None:
    text = json.dumps(
        [
            {"$id": "1", "HostName": "web01", "Type": "host"},
            {"$id": "2", "Name": "www-data", "Host": {"$ref": "1"}, "Type": "account"},
            {
                "$id": "3", "CommandLine": "sh -c id", "Account": {"$ref": "2"},
                "ImageFile": {
                    "$id": "4", "Directory": "/bin", "Name": "sh", "Host": {"$ref": "1"},
                    "FileHashes": [{"$ref": "5"}], "Type": "file",
                },
                "Type": "process",
            },
            {"$id": "5", "Algorithm": "MD5", "Value": "ff", "Type": "filehash"},
            {"$ref": "9", "Type": "ip"},
        ]
    )  # fmt: skip
    assert rows(text) == [
        ("host", "web01", ""),
        ("account", "www-data", "host: web01"),
        ("process", "sh -c id", "account: www-data; imagefile: /bin/sh"),
        ("file", "/bin/sh", "directory: /bin; name: sh; host: web01; filehashes: MD5 ff"),
        ("filehash", "MD5 ff", "algorithm: MD5; value: ff"),
        ("ip", "", ""),
    ]


def test_one_that_names_itself_ends() -> None:
    text = '[{"$id":"1","HostName":"web01","Parent":{"$ref":"1"},"Type":"host"}]'
    assert rows(text) == [("host", "web01", "")]


def test_a_bookmark_maps_ids_to_entities() -> None:
    text = '{"a-1":{"type":"host","hostName":"web01"},"b-2":{"type":"ip","address":"::1"}}'
    assert rows(text) == [("host", "web01", ""), ("ip", "::1", "")]


@pytest.mark.parametrize(
    "text",
    [None, "", "[]", "{}", "null", "7", "not json", '"host"', "[1, [2], null]", '[{"$id":"1"}]',
     "[" * 100_000, float("nan")],
    ids=["null", "empty", "list", "map", "json null", "number", "no json", "text", "no objects",
         "no type", "deep", "nan"],
)  # fmt: skip
def test_what_is_no_entity(text: Any) -> None:
    assert rows(text) == []


def test_equal_ones_are_one_and_there_is_an_end() -> None:
    same = '{"Address":"203.0.113.9","Type":"ip"}'
    assert rows(f"[{same},{same}]") == [("ip", "203.0.113.9", "")]
    many = json.dumps([{"Address": f"10.0.{n // 250}.{n % 250}", "Type": "ip"} for n in range(900)])
    assert [row[1] for row in rows(many)] == [f"10.0.{n // 250}.{n % 250}" for n in range(500)]


def test_frame() -> None:
    frame = entity_frame('[{"Name":"demo","UPNSuffix":"x.example","Type":"account"}]')
    assert frame.to_dict("records") == [
        {"Kind": "account", "Name": "demo@x.example", "Details": "name: demo; upnsuffix: x.example"}
    ]
    assert list(entity_frame(None).columns) == ["Kind", "Name", "Details"]
