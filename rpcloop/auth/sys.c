#include "rpcloop/auth/sys.h"

#include <string.h>

/* The words of the credential, and how many are left. */
struct words {
	const uint8_t *at;
	size_t left;
};

/* RFC 5531 pads a body to whole words, so what is left is compared in them. */
static bool
get_word(struct words *w, uint32_t *value)
{
	if (w->left < 1)
		return false;
	*value = (uint32_t)w->at[0] << 24 | (uint32_t)w->at[1] << 16 |
	    (uint32_t)w->at[2] << 8 | w->at[3];
	w->at += 4;
	w->left--;
	return true;
}

static bool
get_machine(struct words *w, struct sys_credential *out)
{
	uint32_t len;
	size_t padded;

	if (!get_word(w, &len) || len > SYS_MACHINE_MAX)
		return false;
	padded = (len + 3) / 4;
	if (padded > w->left)
		return false;
	memcpy(out->machine, w->at, len);
	out->machine[len] = '\0';
	out->parms.aup_machname = out->machine;
	w->at += padded * 4;
	w->left -= padded;
	return true;
}

static bool
get_groups(struct words *w, struct sys_credential *out)
{
	uint32_t count;

	if (!get_word(w, &count) || count > SYS_GROUPS_MAX)
		return false;
	for (uint32_t i = 0; i < count; i++) {
		if (!get_word(w, &out->groups[i]))
			return false;
	}
	out->parms.aup_len = count;
	out->parms.aup_gids = out->groups;
	return true;
}

bool
sys_decode(struct sys_credential *out, const struct header_auth *auth)
{
	struct words w = { auth->body, auth->len / 4 };
	uint32_t stamp;

	if (auth->len % 4 != 0 || !get_word(&w, &stamp) ||
	    !get_machine(&w, out) || !get_word(&w, &out->parms.aup_uid) ||
	    !get_word(&w, &out->parms.aup_gid) || !get_groups(&w, out))
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
