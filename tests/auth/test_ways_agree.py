"""The quick way never accepts what the general way, or PyJWT at its strictest, would refuse."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import jwt
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from scoreboard.auth.keys import Key, Profile
from scoreboard.auth.tokens import ActionClaims
from scoreboard.auth.verify import TokenReader, TokenVerifier
from scoreboard.domain.claims import Action, Principal, TokenClass
from scoreboard.domain.errors import Refusal
from scoreboard.domain.identifiers import BoardId, Nonce, UserId
from tests.auth.forge import (
    ABSENT,
    ALICE,
    BOB,
    NOW,
    NOW_S,
    PROFILES,
    RINGS,
    action_claims,
    bearer,
    bearer_claims,
    encode,
    forge,
    granted,
    header_of,
    key_of,
    signature,
    verifier_of,
)

Draw = st.DrawFn
VERIFIERS = {profile: verifier_of(profile) for profile in PROFILES}
ODD_VALUES = st.sampled_from(
    [
        None, True, 0, 1, -1, 5, 5.0, "5", "", [], {}, [1], 2**53, 2**53 - 1, 10**30, "x", ALICE,
        BOB, ALICE.upper(), NOW, NOW + 1, NOW + 6, NOW + 60, NOW + 300, NOW + 301, NOW - 90_000,
        str(NOW), float(NOW), "main", "win", "scoreboard", "scoreboard-api", "scoreboard-increment",
        ["scoreboard-api"], ["scoreboard-increment"], "x" * 22, "scores:bonus admin", "é", "\ud800",
        ABSENT,
    ]
)  # fmt: skip
ODD_HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "alg": st.sampled_from(["HS256", "EdDSA", "none", "HS512", None, ABSENT]),
        "typ": st.sampled_from([*(each.typ for each in TokenClass), "JWT", "AT+JWT", None, ABSENT]),
        "kid": st.sampled_from([key.kid for ring in RINGS.values() for key in ring] + ["x", ""]),
        "crit": st.sampled_from([["exp"], []]),
        "jku": st.just("https://x.test/"),
        "b64": st.booleans(),
    },
)


@st.composite
def changed_and_signed_again(draw: Draw, profile: Profile, token_class: TokenClass) -> str:
    """A true signature over odd claims, an odd header, or an odd layout of good ones."""
    key = draw(st.sampled_from(list(RINGS[profile])))
    make = action_claims if token_class is TokenClass.ACTION else bearer_claims
    names = st.sampled_from([*make(), "nbf", "jti", "client_id", "other"])
    claims = make(**draw(st.dictionaries(names, ODD_VALUES, max_size=2)))
    header = header_of(key_of(profile, token_class), **draw(ODD_HEADERS | st.just({})))
    signer = draw(st.sampled_from([key, key_of(profile, token_class)]))
    return forge(signer, draw(laid_out(claims)), header)


@st.composite
def laid_out(draw: Draw, claims: dict[str, Any]) -> bytes:
    """The claims as JSON: as issued, spaced, sorted, spelt otherwise, or with one twice."""
    tight = json.dumps(claims, separators=(",", ":"))
    twice = draw(st.sampled_from([*claims, "other"]) if claims else st.just("other"))
    value = json.dumps(draw(ODD_VALUES.filter(lambda each: each is not ABSENT)))
    return draw(
        st.sampled_from(
            [
                tight,
                tight,
                tight,
                json.dumps(claims),
                json.dumps(claims, sort_keys=True, separators=(",", ":")),
                tight.replace("main", "m\\u0061in").replace("scores", "s\\u0063ores"),
                tight.replace("{", f'{{"{twice}":{value},', 1),
                f'{tight[:-1]},"{twice}":{value}}}',
                f" {tight}",
                f"{tight}\n",
                f"{tight}{{}}",
                tight[:-1],
            ]
        )
    ).encode("utf-8", "surrogatepass")


@st.composite
def altered_text(draw: Draw, profile: Profile, token_class: TokenClass) -> str:
    """An issued token with characters changed, added, lost, or segments of another in it."""
    issue = granted if token_class is TokenClass.ACTION else bearer
    token = issue(profile)
    others = [each(which) for each in (granted, bearer) for which in PROFILES]
    place = draw(st.integers(0, len(token)))
    letter = draw(st.characters() | st.sampled_from("=.-_+/ \nA"))
    parts = [token.split("."), draw(st.sampled_from([issue(profile), *others])).split(".")]
    segment = draw(st.integers(0, 2))
    return draw(
        st.sampled_from(
            [
                token,
                token[:place] + letter + token[place + 1 :],
                token[:place] + letter + token[place:],
                token[:place] + token[place + 1 :],
                token + letter,
                ".".join(each + "=" * (at == segment) for at, each in enumerate(parts[0])),
                ".".join(parts[at == segment][at] for at in range(3)),
                _unused_bits_set(parts[0], segment),
            ]
        )
    )


def _unused_bits_set(parts: list[str], segment: int) -> str:
    """The same bytes in a second spelling, where the segment's length leaves bits unused."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    text = parts[segment]
    if len(text) % 4:
        text = text[:-1] + alphabet[alphabet.index(text[-1]) ^ 1]
    return ".".join([*parts[:segment], text, *parts[segment + 1 :]])


def tokens(profile: Profile, token_class: TokenClass) -> st.SearchStrategy[str]:
    return altered_text(profile, token_class) | changed_and_signed_again(profile, token_class)


def outcome(read: Callable[[], object]) -> object:
    """What was read, or `refused`."""
    try:
        return read()
    except Refusal:
        return "refused"


def pyjwt_claims(profile: Profile, token: str, token_class: TokenClass) -> dict[str, Any]:
    """The claims by PyJWT with every option strict, but for the times: it has its own clock."""
    header = jwt.get_unverified_header(token)
    key = RINGS[profile].find(header["kid"])
    assert key is not None
    assert header["typ"] == token_class.typ
    assert key.token_class is token_class
    required = bearer_claims() if token_class is TokenClass.BEARER else action_claims()
    return jwt.decode(
        token,
        key.verification_material,
        algorithms=[key.algorithm],
        audience=token_class.audience,
        issuer="scoreboard",
        options={
            "require": [name for name in required if name != "scope"],
            "strict_aud": token_class is TokenClass.ACTION,
            "verify_exp": False,
            "verify_iat": False,
            "verify_nbf": False,
            "enforce_minimum_key_length": True,
        },
    )


def by_general_way_alone(verifier: TokenVerifier, reader: TokenReader[Any], token: str) -> object:
    """What comes of a token without the quick way; asserts that the quick way agrees."""
    raw = token.encode()
    quick = outcome(lambda: reader.exact.read(raw))
    general = outcome(lambda: reader.general.read(raw))
    event(f"quick: {_kind(quick)}, general: {_kind(general)}")
    expected = judged(verifier, general)
    assert quick is None or judged(verifier, quick) == expected
    return expected


def judged(verifier: TokenVerifier, found: object) -> object:
    """What the rules make of a key and its claims."""
    if not isinstance(found, tuple):
        return found
    key, claims = found
    rules = verifier._rules
    judge = rules.judge_action if isinstance(claims, ActionClaims) else rules.judge_bearer
    return outcome(lambda: judge(claims, key, NOW_S))


def _kind(result: object) -> str:
    return "accepts" if isinstance(result, tuple) else str(result)


many = settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@many
@given(st.data(), st.sampled_from(PROFILES))
def test_an_accepted_action_token_is_accepted_by_pyjwt_as_the_same(
    data: st.DataObject, profile: Profile
) -> None:
    token = data.draw(tokens(profile, TokenClass.ACTION))
    verifier = VERIFIERS[profile]
    result = outcome(lambda: verifier.verify_action(token, NOW_S))
    if token.isascii():
        assert result == by_general_way_alone(verifier, verifier._actions, token)
    if result != "refused":
        assert result == _action(pyjwt_claims(profile, token, TokenClass.ACTION), profile)


@many
@given(st.data(), st.sampled_from(PROFILES))
def test_an_accepted_bearer_token_is_accepted_by_pyjwt_as_the_same(
    data: st.DataObject, profile: Profile
) -> None:
    token = data.draw(tokens(profile, TokenClass.BEARER))
    verifier = VERIFIERS[profile]
    result = outcome(lambda: verifier.verify_bearer(token, NOW_S))
    if token.isascii():
        assert result == by_general_way_alone(verifier, verifier._bearers, token)
    if result != "refused":
        assert result == _principal(pyjwt_claims(profile, token, TokenClass.BEARER), profile)


def _action(claims: dict[str, Any], profile: Profile) -> Action:
    """Written anew from the contract, in plain words."""
    times = [claims[name] for name in ("iat", "nbf", "exp")]
    assert all(type(each) is int for each in [*times, claims["delta"]])
    assert max(claims["iat"], claims["nbf"]) <= NOW_S + 5
    assert 1 <= claims["exp"] - claims["iat"] <= 300
    assert claims["exp"] > NOW_S - 86_400
    assert 1 <= abs(claims["delta"]) < 2**53
    return Action(
        UserId(claims["sub"].lower()),
        BoardId(claims["board"]),
        claims["delta"],
        claims["act"],
        Nonce(claims["jti"]),
        claims["exp"],
        key_of(profile, TokenClass.ACTION).kid,
    )


def _principal(claims: dict[str, Any], profile: Profile) -> Principal:
    assert all(type(claims[name]) is int for name in ("iat", "exp"))
    assert max(claims["iat"], claims.get("nbf", 0)) <= NOW_S + 5
    assert claims["exp"] > NOW_S
    subject = claims["sub"].lower() if claims["sub"].lower() in {ALICE, BOB} else claims["sub"]
    scopes = frozenset(claims.get("scope", "").split())
    return Principal(subject, scopes, key_of(profile, TokenClass.BEARER).kid, claims["exp"])


def test_a_false_spelling_of_a_true_payload_is_left_to_the_general_way() -> None:
    """The quick way's comparison alone stands between it and a claim twice."""
    key = key_of("hs256", TokenClass.ACTION)
    reader = VERIFIERS["hs256"]._actions
    tight = json.dumps(action_claims(), separators=(",", ":"))
    for text in (tight[:-1] + ',"delta":9}', tight + " ", json.dumps(action_claims())):
        assert reader.exact.read(forge(key, text.encode()).encode()) is None
    head, payload, _ = forge(key, action_claims()).split(".")
    assert reader.exact.read(_signed(key, f"{head}.{payload}.x").encode()) is None
    assert reader.exact.read(_signed(key, f"{head}.{payload}!").encode()) is None


def _signed(key: Key, signing_input: str) -> str:
    return f"{signing_input}.{encode(signature(key.material, signing_input))}"
