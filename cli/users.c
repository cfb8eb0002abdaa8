/* SPDX-License-Identifier: MIT */
#include "users.h"

#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

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
