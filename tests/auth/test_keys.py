"""The key file: what is written can be loaded, and what is unsafe stops the start."""

from __future__ import annotations

import base64
import json
import os
import secrets
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from scoreboard.auth.keys import (
    Key,
    KeyRing,
    Profile,
    add_keys,
    generate_keys,
    load_keys,
    retire_key,
    write_keys,
)
from scoreboard.domain.claims import TokenClass
from scoreboard.domain.errors import ConfigurationError
from tests.auth.forge import ABSENT, NOW, NOW_S, each_profile

SECRET = base64.urlsafe_b64encode(bytes(range(32))).decode().rstrip("=")


def text_of(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def oct_jwk(**changes: object) -> dict[str, Any]:
    """A good HS256 key, but for the changes."""
    good = {"kty": "oct", "kid": "a", "alg": "HS256", "token_class": "action", "k": SECRET}
    return {name: value for name, value in (good | changes).items() if value is not ABSENT}


def okp_jwk(tmp_path: Path, **changes: object) -> dict[str, Any]:
    """A good Ed25519 key, but for the changes."""
    path = tmp_path / "ed25519.json"
    if not path.exists():
        write_keys(path, generate_keys("ed25519"))
    good = json.loads(path.read_text())["keys"][0]
    return {name: value for name, value in (good | changes).items() if value is not ABSENT}


def store(tmp_path: Path, content: object, mode: int = 0o600) -> Path:
    """A key file with that content."""
    path = tmp_path / "keys.json"
    path.touch()
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    path.chmod(mode)
    return path


def sentence(path: Path) -> str:
    """The sentence with which the file is refused; it names the file and no secret."""
    with pytest.raises(ConfigurationError) as caught:
        load_keys(path)
    text = str(caught.value)
    assert str(path) in text
    assert text.endswith(".")
    assert "\n" not in text
    if path.is_file():
        for member in ("k", "d", "x"):
            assert not any(value in text for value in _long_values(path, member))
    return text


def _long_values(path: Path, member: str) -> list[str]:
    raw = path.read_bytes()
    try:
        keys = json.loads(raw)["keys"]
        return [each[member] for each in keys if len(str(each.get(member, ""))) > 3]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return [SECRET]


@each_profile
def test_what_was_written_is_loaded(tmp_path: Path, profile: Profile) -> None:
    path = tmp_path / "new" / "folder" / "keys.json"
    keys = generate_keys(profile)
    write_keys(path, keys)
    ring = load_keys(path)
    assert [key.kid for key in ring] == [key.kid for key in keys]
    assert {key.token_class for key in ring} == set(TokenClass)
    assert all(key.can_sign for key in ring)
    KeyRing([*ring])
    with pytest.raises(ConfigurationError, match="twice"):
        KeyRing([*ring, *keys])


@each_profile
def test_only_the_owner_may_read_the_file_and_its_folder(tmp_path: Path, profile: Profile) -> None:
    path = tmp_path / "folder" / "keys.json"
    before = os.umask(0)
    try:
        write_keys(path, generate_keys(profile))
        add_keys(path, generate_keys(profile))
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [each.name for each in path.parent.iterdir()] == ["keys.json"]


def test_every_key_is_new_and_of_256_bits() -> None:
    keys = [key for _ in range(50) for key in generate_keys("hs256")]
    assert len(KeyRing(keys)) == 100
    assert all(isinstance(key.material, bytes) and len(key.material) == 32 for key in keys)


def test_a_file_that_exists_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    write_keys(path, generate_keys("hs256"))
    before = path.read_bytes()
    with pytest.raises(ConfigurationError, match=r"exists already.*--add"):
        write_keys(path, generate_keys("hs256"))
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["keys.json"]


@each_profile
def test_an_added_key_signs_and_the_older_stay(tmp_path: Path, profile: Profile) -> None:
    path = tmp_path / "keys.json"
    old, new = generate_keys(profile), generate_keys(profile)
    write_keys(path, old)
    add_keys(path, new)
    ring = load_keys(path)
    assert [key.kid for key in ring] == [key.kid for key in (*old, *new)]
    for key in new:
        assert ring.signing_key(key.token_class, NOW_S).kid == key.kid


def test_two_who_add_at_once_lose_no_key(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    write_keys(path, generate_keys("hs256"))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: add_keys(path, generate_keys("hs256")), range(24)))
    assert len(load_keys(path)) == 50


def test_keys_of_one_kid_are_not_added(tmp_path: Path) -> None:
    path, keys = tmp_path / "keys.json", generate_keys("hs256")
    write_keys(path, keys)
    before = path.read_bytes()
    with pytest.raises(ConfigurationError, match="twice"):
        add_keys(path, keys)
    assert path.read_bytes() == before


@pytest.mark.parametrize("until_s", [None, NOW + 60])
def test_a_retired_key_is_loaded_as_retired(tmp_path: Path, until_s: int | None) -> None:
    path, keys = tmp_path / "keys.json", generate_keys("hs256")
    write_keys(path, keys)
    retire_key(path, keys[0].kid, until_s)
    first, second = load_keys(path)
    assert (first.retired, first.not_after_s, first.can_sign) == (True, until_s, False)
    assert second.can_sign
    with pytest.raises(ConfigurationError, match="no key 'x'"):
        retire_key(path, "x", None)


def test_a_file_of_public_keys_verifies_only(tmp_path: Path) -> None:
    path = tmp_path / "public.json"
    write_keys(path, [key.without_secret() for key in generate_keys("ed25519")])
    assert '"d"' not in path.read_text()
    assert not any(key.can_sign for key in load_keys(path))


def test_validity_survives_writing_and_loading(tmp_path: Path) -> None:
    key = Key(
        kid="a",
        token_class=TokenClass.ACTION,
        material=secrets.token_bytes(32),
        not_before_s=5,
        not_after_s=9,
    )
    write_keys(tmp_path / "keys.json", [key])
    (loaded,) = load_keys(tmp_path / "keys.json")
    assert (loaded.not_before_s, loaded.not_after_s, loaded.retired) == (5, 9, False)
    assert loaded.material == key.material


def test_a_missing_file_tells_how_to_make_one(tmp_path: Path) -> None:
    assert "run `scoreboard keys generate`" in sentence(tmp_path / "keys.json")


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o700, 0o610, 0o601, 0o4600])
def test_a_file_that_others_could_use_tells_the_chmod(tmp_path: Path, mode: int) -> None:
    path = store(tmp_path, {"keys": [oct_jwk()]}, mode)
    assert f"run `chmod 600 {path}`" in sentence(path)


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_file_of_its_owner_alone_is_loaded(tmp_path: Path, mode: int) -> None:
    assert len(load_keys(store(tmp_path, {"keys": [oct_jwk()]}, mode))) == 1


def test_a_folder_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "keys.json").mkdir()
    assert "cannot be read" in sentence(tmp_path / "keys.json")


def test_a_folder_that_may_not_be_written_to_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match=r"cannot be written|exists already"):
        write_keys(tmp_path / "file" / "keys.json", generate_keys("hs256"))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b"null",
        b'{"keys":[],"keys":[]}',
        b"[" * 100_000,
        b"9" * 9_999,
        b'{"keys":["\\ud800"]}',
    ],
    ids=lambda raw: repr(raw[:9]),
)
def test_bad_json_is_refused_as_damaged(tmp_path: Path, content: bytes) -> None:
    assert "is damaged" in sentence(store(tmp_path, content))


@pytest.mark.parametrize("content", [{}, {"keys": []}, {"keys": {}}, {"keys": None}], ids=repr)
def test_a_file_without_keys_is_refused(tmp_path: Path, content: object) -> None:
    assert "holds no keys" in sentence(store(tmp_path, content))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"k": text_of(bytes(range(31)))}, "has 248 bits"),
        ({"k": ""}, "has 0 bits"),
        ({"k": text_of(b"\x07" * 32)}, "can be guessed"),
        ({"k": text_of(bytes(range(15)) * 5)}, "can be guessed"),
        ({"k": text_of(b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA")}, "of another kind"),
        ({"k": SECRET + "="}, "base64url"),
        ({"k": "é" * 43}, "base64url"),
        ({"k": SECRET[:-1] + "9"}, "base64url"),
        ({"k": ABSENT}, "neither HS256"),
        ({"k": 1}, "no usable JWK"),
        ({"alg": "HS512"}, "neither HS256"),
        ({"alg": "none"}, "neither HS256"),
        ({"alg": "EdDSA"}, "neither HS256"),
        ({"alg": ABSENT}, "no usable JWK"),
        ({"kty": "RSA"}, "neither HS256"),
        ({"d": SECRET}, "neither HS256"),
        ({"token_class": "both"}, "no usable JWK"),
        ({"token_class": ABSENT}, "no usable JWK"),
        ({"kid": "a/b"}, "no usable JWK"),
        ({"kid": "a\n"}, "no usable JWK"),
        ({"kid": "x" * 65}, "no usable JWK"),
        ({"kid": ABSENT}, "no usable JWK"),
        ({"retire": True}, "unknown field `retire`"),
        ({"retired": "yes"}, "no usable JWK"),
        ({"nbf": "1"}, "no usable JWK"),
        ({"exp": -1}, "no usable JWK"),
    ],
)
def test_an_unusable_secret_is_refused(
    tmp_path: Path, changes: dict[str, object], reason: str
) -> None:
    jwk = oct_jwk(**changes)
    text = sentence(store(tmp_path, {"keys": [jwk]}))
    assert reason in text
    assert repr(jwk["kid"])[:64] in text if "kid" in jwk else "without a kid" in text


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"x": text_of(b"\x01" * 31)}, "halves of different pairs"),
        ({"x": text_of(b"\x01" * 31), "d": ABSENT}, "not 32 bytes"),
        ({"d": text_of(b"\x01" * 33)}, "not 32 bytes"),
        ({"d": text_of(b"\x01" * 32)}, "halves of different pairs"),
        ({"x": ABSENT}, "neither HS256"),
        ({"crv": "Ed448"}, "neither HS256"),
        ({"alg": "HS256"}, "neither HS256"),
        ({"k": SECRET}, "neither HS256"),
    ],
)
def test_an_unusable_pair_is_refused(
    tmp_path: Path, changes: dict[str, object], reason: str
) -> None:
    assert reason in sentence(store(tmp_path, {"keys": [okp_jwk(tmp_path, **changes)]}))


def test_members_that_other_tools_write_are_allowed(tmp_path: Path) -> None:
    jwk = oct_jwk(use="sig", key_ops=["sign", "verify"])
    assert len(load_keys(store(tmp_path, {"keys": [jwk]}))) == 1


@pytest.mark.parametrize("member", [None, 1, "x", []], ids=repr)
def test_a_key_that_is_no_object_is_refused(tmp_path: Path, member: object) -> None:
    assert "without a kid" in sentence(store(tmp_path, {"keys": [member]}))


def test_a_kid_twice_is_refused(tmp_path: Path) -> None:
    other = oct_jwk(k=text_of(secrets.token_bytes(32)))
    assert "'a' stands there twice" in sentence(store(tmp_path, {"keys": [oct_jwk(), other]}))


def test_a_kid_of_two_classes_is_refused(tmp_path: Path) -> None:
    other = oct_jwk(k=text_of(secrets.token_bytes(32)), token_class="bearer")  # noqa: S106 - no secret
    assert "'a' serves both" in sentence(store(tmp_path, {"keys": [oct_jwk(), other]}))


def test_one_secret_under_two_kids_is_refused(tmp_path: Path) -> None:
    keys = [oct_jwk(), oct_jwk(kid="b")]
    assert "'a' and 'b' hold the same" in sentence(store(tmp_path, {"keys": keys}))
