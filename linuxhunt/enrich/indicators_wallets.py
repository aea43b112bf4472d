"""Onion names and wallet addresses, each told from chance by its checksum.

Sources: Tor's rend-spec-v3 (section 6, "Encoding onion addresses"); Bitcoin's Base58Check and
BIP 173 / BIP 350 (bech32, bech32m); Monero's "Standard addresses" (Keccak-256, not SHA-3); EIP-55
for Ethereum's mixed-case checksum; FIPS 202 for the permutation Keccak-f[1600].
"""

from __future__ import annotations

import base64
import hashlib

__all__ = ["keccak256", "onion", "wallet"]

_BASE58 = {
    sign: n for n, sign in enumerate("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")
}
_BECH32 = {sign: n for n, sign in enumerate("qpzry9x8gf2tvdw0s3jn54khce6mua7l")}
_BITCOIN = (0x00, 0x05)  # pay to a public key's hash, pay to a script's hash
_MONERO = (18, 19, 42)  # standard, integrated, subaddress
_ROUNDS = 24
_SPIN = (
    (0, 36, 3, 41, 18), (1, 44, 10, 45, 2), (62, 6, 43, 15, 61), (28, 55, 25, 21, 56),
    (27, 20, 39, 8, 14),
)  # fmt: skip
_LANE = (1 << 64) - 1


def onion(name: str) -> str | None:
    """Return the onion service of a host name, lower case; None where it is none.

    Args:
        name: a host name that ends in ``.onion``; names before the service's own are left out.
    """
    labels = name.lower().split(".")
    if len(labels) < 2 or labels[-1] != "onion":
        return None
    service = labels[-2]
    if len(service) != 56 or not set(service) <= set("abcdefghijklmnopqrstuvwxyz234567"):
        return None
    held = base64.b32decode(service.upper())
    key, check, version = held[:32], held[32:34], held[34:]
    expected = hashlib.sha3_256(b".onion checksum" + key + version).digest()[:2]
    return f"{service}.onion" if version == b"\x03" and check == expected else None


def wallet(text: str) -> str | None:
    """Return ``bitcoin``, ``monero`` or ``ethereum`` for the address of a wallet, else None."""
    if text[0] in "13" and 25 <= len(text) <= 35:
        return "bitcoin" if _base58check(text) else None
    if text[:3].lower() == "bc1":
        return "bitcoin" if _bech32(text) else None
    if text[0] in "48" and len(text) in (95, 106):
        return "monero" if _monero(text) else None
    if text[:2] == "0x" and len(text) == 42:
        return "ethereum" if _ethereum(text[2:]) else None
    return None


def _number(text: str) -> int | None:
    number = 0
    for sign in text:
        if sign not in _BASE58:
            return None
        number = number * 58 + _BASE58[sign]
    return number


def _base58check(text: str) -> bool:
    number = _number(text)
    if number is None or number >= 1 << 200:
        return False
    held = number.to_bytes(25, "big")
    check = hashlib.sha256(hashlib.sha256(held[:21]).digest()).digest()[:4]
    return held[0] in _BITCOIN and held[21:] == check


def _bech32(text: str) -> bool:
    if text.lower() != text and text.upper() != text:
        return False
    data = text.lower()[3:]
    if not 11 <= len(data) <= 87 or not set(data) <= _BECH32.keys():
        return False
    check = 1
    for value in [3, 3, 0, 2, 3, *(_BECH32[sign] for sign in data)]:  # "bc", spread out
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, term in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= term if top >> bit & 1 else 0
    return check == (1 if data[0] == "q" else 0x2BC830A3)


def _monero(text: str) -> bool:
    held = b""
    for at in range(0, len(text), 11):
        block = text[at : at + 11]
        size = {11: 8, 7: 5, 2: 1, 3: 2, 5: 3, 6: 4, 9: 6, 10: 7}.get(len(block))
        number = _number(block)
        if size is None or number is None or number >= 1 << 8 * size:
            return False
        held += number.to_bytes(size, "big")
    return held[0] in _MONERO and keccak256(held[:-4])[:4] == held[-4:]


def _ethereum(text: str) -> bool:
    """Tell an address; one in mixed case must bear EIP-55's checksum."""
    try:
        int(text, 16)
    except ValueError:
        return False
    if len(set(text.lower())) < 6:  # 000...0 and the like
        return False
    if text in (text.lower(), text.upper()):
        return True
    marks = keccak256(text.lower().encode()).hex()
    return all(
        not sign.isalpha() or sign.isupper() == (int(mark, 16) >= 8)
        for sign, mark in zip(text, marks, strict=False)
    )


def keccak256(data: bytes) -> bytes:
    """Return Keccak-256 with the padding of before SHA-3, as Monero and Ethereum have it."""
    rate = 136
    data += b"\x01" + b"\0" * ((-len(data) - 1) % rate)
    data = data[:-1] + bytes([data[-1] | 0x80])
    lanes = [[0] * 5 for _ in range(5)]
    for start in range(0, len(data), rate):
        for n in range(rate // 8):
            lanes[n % 5][n // 5] ^= int.from_bytes(
                data[start + 8 * n : start + 8 * n + 8], "little"
            )
        _permute(lanes)
    return b"".join(lanes[n][0].to_bytes(8, "little") for n in range(4))


def _turn(lane: int, by: int) -> int:
    return (lane << by | lane >> (64 - by)) & _LANE if by else lane


def _permute(lanes: list[list[int]]) -> None:
    register = 1
    for _ in range(_ROUNDS):
        parity = [a ^ b ^ c ^ d ^ e for a, b, c, d, e in lanes]
        for x in range(5):
            spread = parity[x - 1] ^ _turn(parity[(x + 1) % 5], 1)
            lanes[x] = [lane ^ spread for lane in lanes[x]]
        moved = [[0] * 5 for _ in range(5)]
        for x in range(5):
            for y in range(5):
                moved[y][(2 * x + 3 * y) % 5] = _turn(lanes[x][y], _SPIN[x][y])
        for x in range(5):
            for y in range(5):
                lanes[x][y] = moved[x][y] ^ (~moved[(x + 1) % 5][y] & moved[(x + 2) % 5][y])
        for bit in range(7):  # the round's constant, from a shift register
            if register & 1:
                lanes[0][0] ^= 1 << ((1 << bit) - 1)
            register = register << 1 ^ (0x171 if register >> 7 else 0)
