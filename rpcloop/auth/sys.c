#include "rpcloop/auth/sys.h"

#include "rpcloop/wire/word.h"

#include <string.h>

/* The words of the credential, and how many are left. */
struct words {
	const uint8_t *at;
	size_t left;
};

/* RFC 5531 pads a body to whole words, so what is left is compared in them. */
static bool
take_word(struct words *w, uint32_t *value)
{
	if (w->left < 1)
		return false;
	*value = word_get(w->at);
	w->at += WORD_SIZE;
	w->left--;
	return true;
}

static bool
take_machine(struct words *w, struct sys_credential *out)
{
	uint32_t len;
	size_t padded;

	if (!take_word(w, &len) || len > SYS_MACHINE_MAX)
		return false;
	padded = (len + WORD_SIZE - 1) / WORD_SIZE;
	if (padded > w->left)
		return false;
	memcpy(out->machine, w->at, len);
	out->machine[len] = '\0';
	out->parms.aup_machname = out->machine;
	w->at += padded * WORD_SIZE;
	w->left -= padded;
	return true;
}

static bool
take_groups(struct words *w, struct sys_credential *out)
{
	uint32_t count;

	if (!take_word(w, &count) || count > SYS_GROUPS_MAX)
		return false;
	for (uint32_t i = 0; i < count; i++) {
		if (!take_word(w, &out->groups[i]))
			return false;
	}
	out->parms.aup_len = count;
	out->parms.aup_gids = out->groups;
	return true;
}

bool
sys_decode(struct sys_credential *out, const struct header_auth *auth)
{
	struct words w = { auth->body, auth->len / WORD_SIZE };
	uint32_t stamp;

	if (auth->len % WORD_SIZE != 0 || !take_word(&w, &stamp) ||
	    !take_machine(&w, out) || !take_word(&w, &out->parms.aup_uid) ||
	    !take_word(&w, &out->parms.aup_gid) || !take_groups(&w, out))
		return false;
	out->parms.aup_time = stamp;
	return w.left == 0;
}

enum auth_stat
sys_authenticate(struct sys_credential *out, const struct header_auth *auth,
    const struct address *from)
{
	if (!sys_decode(out, auth))
		return AUTH_BADCRED;
	if (from->u.any.sa_family == AF_UNIX) {
		out->parms.aup_uid = from->u.user.uid;
		out->parms.aup_gid = from->u.user.gid;
		out->parms.aup_len = 0;
	}
	return AUTH_OK;
}
