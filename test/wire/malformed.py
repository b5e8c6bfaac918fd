"""Calls that are wrong, each with the reply that RFC 5531 has for it.

CALLS are answered, and the connection goes on.  NO_CALLS are no calls at all:
there is no telling what they want, and they end the connection.  Rows are
(name, message for an xid, reply for an xid); a row of NO_CALLS has no reply.
"""

from oncrpc import (AUTH_DH, AUTH_NONE, AUTH_SHORT, AUTH_SYS, AUTH_TLS,
                    BADCRED, BADVERF, DESCRIBE, GREET, MESSAGE_MAX, OPEN,
                    PING, PROGRAM, REJECTEDCRED, RPCSEC_GSS, STATUS, TEXT,
                    auth, auth_error, auth_sys, call, garbage_args, opaque,
                    proc_unavail, procedure_count, prog_mismatch,
                    prog_unavail, rpc_mismatch, u32)

CALLS = []
NO_CALLS = []

UNIT_BYTE = 2
TEXT_ARGUMENTS = (u32(0, 1) + opaque(b"echo-key") + opaque(b"value") +
                  u32(UNIT_BYTE) + opaque(b"abc"))


def _row(name, reply, *how, **more):
    CALLS.append((name, lambda xid: call(xid, *how, **more), reply))


def _refused(name, why, **how):
    _row(name, lambda xid: auth_error(xid, why), PING, **how)


for number in (0, 1, 3, 0xffffffff):
    _row(f"RPC version {number}", rpc_mismatch, rpcvers=number)
for number in (0, 100000, PROGRAM + 1):
    _row(f"program {number}", prog_unavail, program=number)
for number in (0, 2, 0xffffffff):
    _row(f"version {number}", prog_mismatch, version=number)
for number in (procedure_count(), 0xffffffff):
    _row(f"procedure {number}", proc_unavail, number)
_row("an unknown program's call with arguments", prog_unavail, 77,
     b"anything", program=1)

# A text that is not padded, or cut anywhere.
for cut in range(len(TEXT_ARGUMENTS)):
    _row(f"arguments cut off after {cut} bytes", garbage_args, TEXT,
         TEXT_ARGUMENTS[:cut])
_row("greet without arguments", garbage_args, GREET)

for procedure, arguments in ((PING, b""), (STATUS, b""), (DESCRIBE, b""),
                             (GREET, u32(0, 0)), (TEXT, TEXT_ARGUMENTS)):
    for count in (1, 4, 64):
        _row(f"{count} bytes behind the arguments of procedure {procedure}",
             garbage_args, procedure, arguments + bytes(count))

# These decode to much before they fail, which must be freed again.
_row("a long text with a byte behind it", garbage_args, TEXT,
     u32(0, 0, UNIT_BYTE) + opaque(bytes(100000)) + b"x")
_row("all metadata that may be, and no text", garbage_args, TEXT,
     u32(0, 32) + 32 * (opaque(bytes(64)) + opaque(bytes(1024))) + u32(2))

for length in (1, MESSAGE_MAX, MESSAGE_MAX + 1, 0x7fffffff, 0xfffffffc,
               0xfffffffe, 0xffffffff):
    _row(f"a text that claims {length} bytes and has none", garbage_args,
         TEXT, u32(0, 0, UNIT_BYTE, length))
_row("a text longer than MESSAGE_MAX", garbage_args, TEXT,
     u32(0, 0, UNIT_BYTE) + opaque(bytes(MESSAGE_MAX + 1)))
for count in (1, 33, 0x08000000, 0xffffffff):
    _row(f"{count} pieces of metadata that are not there", garbage_args,
         GREET, u32(0, count))
_row("33 pieces of metadata", garbage_args, GREET,
     u32(0, 33) + 33 * (opaque(b"key") + opaque(b"value")))
_row("a key of 65 bytes", garbage_args, GREET,
     u32(0, 1) + opaque(bytes(65)) + opaque(b""))
_row("a value of 1025 bytes", garbage_args, GREET,
     u32(0, 1) + opaque(b"") + opaque(bytes(1025)))
for count in (1025, 0x08000000, 0xffffffff):
    _row(f"a segment that claims {count} messages", garbage_args, OPEN,
         u32(0, 0) + bytes(16) + u32(3, 0, 0, 0) + u32(0, 0, count))

for flavor in (4, 5, 77, 0xffffffff, AUTH_DH, RPCSEC_GSS, AUTH_TLS):
    _refused(f"credential of flavor {flavor}", BADCRED,
             credential=auth(flavor))
_refused("RPCSEC_GSS with a body of noise", BADCRED,
         credential=auth(RPCSEC_GSS, bytes(range(40))))
_refused("AUTH_SHORT", REJECTEDCRED, credential=auth(AUTH_SHORT, bytes(8)))

for name, body in (
        ("no bytes", b""),
        ("8 bytes", bytes(8)),
        ("a machine name of 256 bytes",
         u32(0) + opaque(bytes(256)) + u32(0, 0, 0)),
        ("a machine name that claims 2^32 - 1 bytes",
         u32(0, 0xffffffff, 0, 0, 0)),
        ("17 groups", u32(0) + opaque(b"host") + u32(0, 0, 17) + bytes(68)),
        ("16 groups that are not there",
         u32(0) + opaque(b"host") + u32(0, 0, 16)),
        ("2^32 - 1 groups",
         u32(0) + opaque(b"host") + u32(0, 0, 0xffffffff)),
        ("a word too many",
         u32(0) + opaque(b"host") + u32(0, 0, 0) + bytes(4)),
        ("a byte too many",
         u32(0) + opaque(b"host") + u32(0, 0, 0) + bytes(1))):
    _refused(f"AUTH_SYS of {name}", BADCRED, credential=auth(AUTH_SYS, body))
for length in (401, 404, 4096):
    _refused(f"a credential of {length} bytes", BADCRED,
             credential=auth(AUTH_NONE, bytes(length)))
    _refused(f"a verifier of {length} bytes", BADVERF,
             verifier=auth(AUTH_NONE, bytes(length)))
for length in (404, 0xffffffff):
    _refused(f"a credential that claims {length} bytes and has none",
             BADCRED, credential=u32(AUTH_SYS, length), verifier=b"")
    _refused(f"a verifier that claims {length} bytes and has none",
             BADVERF, verifier=u32(AUTH_NONE, length))


def _cut(name, length, reply):
    CALLS.append((f"a header cut off {name} ({length} bytes)",
                  lambda xid: _whole(xid)[:length], reply))


def _whole(xid):
    return call(xid, credential=auth_sys())


# xid and type are 8 bytes; versions, program and procedure are 16 more; then
# come the credential, and the verifier of 8 bytes.
_CREDENTIAL = 24
_VERIFIER = _CREDENTIAL + len(auth_sys())
for at in range(8, _CREDENTIAL):
    _cut("before the credential", at, garbage_args)
for at in range(_CREDENTIAL, _VERIFIER):
    _cut("in the credential", at, lambda xid: auth_error(xid, BADCRED))
for at in range(_VERIFIER, _VERIFIER + 8):
    _cut("in the verifier", at, lambda xid: auth_error(xid, BADVERF))

for kind in (1, 2, 0xffffffff):
    NO_CALLS.append((f"a message of type {kind}",
                     lambda xid, kind=kind: u32(xid, kind) + call(xid)[8:]))
for at in range(8):
    NO_CALLS.append((f"a record of {at} bytes",
                     lambda xid, at=at: call(xid)[:at]))
