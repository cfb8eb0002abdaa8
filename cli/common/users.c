/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cli.h"
#include "common/json.h"
#include "common/users.h"

const char *user_name(uint32_t uid, char *buf, size_t size)
{
	const struct passwd *user = getpwuid(uid);

	if (user)
		snprintf(buf, size, "%s", user->pw_name);
	else
		snprintf(buf, size, "%" PRIu32, uid);
	return buf;
}

const char *holder_user(const struct dmk_holder *holder, char *buf, size_t size)
{
	char path[32];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d", holder->pid);
	return holder->pid && stat(path, &st) == 0 ? user_name(st.st_uid, buf, size) : "";
}

void holder_name_user(struct dmk_holder *holder)
{
	char name[DMK_NAME_SIZE], buf[64];
	const char *user = holder_user(holder, buf, sizeof(buf));

	if (!*user || !holder->name[0])
		return;
	memcpy(name, holder->name, sizeof(name));
	snprintf(holder->name, sizeof(holder->name), "%s's %.60s", user, name);
}

const char *holder_kind(uint32_t kind)
{
	static const char *const kinds[] = {
		[DMK_HOLDER_MAPPING] = "mapping", [DMK_HOLDER_DEVICE] = "device",
		[DMK_HOLDER_MOUNT] = "mount",	  [DMK_HOLDER_OPEN] = "open",
		[DMK_HOLDER_SWAP] = "swap",	  [DMK_HOLDER_LOOP] = "loop",
		[DMK_HOLDER_FILE] = "file",	  [DMK_HOLDER_CWD] = "cwd",
		[DMK_HOLDER_ROOT] = "root",	  [DMK_HOLDER_EXE] = "exe",
		[DMK_HOLDER_MAP] = "map",
	};

	return kind < ARRAY_SIZE(kinds) && kinds[kind] ? kinds[kind] : "";
}

void json_holder(struct json *json, const struct dmk_holder *holder)
{
	char user[64];

	json_object(json, NULL);
	json_string(json, "kind", holder_kind(holder->kind));
	json_u64(json, "major", holder->major);
	json_u64(json, "minor", holder->minor);
	json_string(json, "name", holder->name);
	json_string(json, "where", holder->where);
	json_i64(json, "pid", holder->pid);
	json_string(json, "user", holder_user(holder, user, sizeof(user)));
	json_close(json);
}
