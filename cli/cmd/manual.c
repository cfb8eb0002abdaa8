/* SPDX-License-Identifier: MIT */
/* dmkit-targets(7), made when dmkit is built: every target that the library knows is in it by
 * itself. */
#include <string.h>

#include "cmd/help.h"

/* Text of a line of mdoc: a backslash would begin an escape, a dot or quote at its begin a macro.
 */
static void put_roff(const char *text)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", stdout);
	for (; *text; text++) {
		/* mdoc wants a sentence to begin a line. */
		if (text[0] == '.' && text[1] == ' ' && text[2] >= 'A' && text[2] <= 'Z') {
			fputs(".\n", stdout);
			text++;
		} else if (*text == '\\')
			fputs("\\e", stdout);
		else if (*text == '"')
			fputs("\\(dq", stdout);
		else
			putchar(*text);
	}
}

static void put_line(const char *text)
{
	put_roff(text);
	putchar('\n');
}

static void put_key(const struct dmk_key *key)
{
	char line[1024];

	printf(".It Cm %s\n", key->name);
	describe_key(key, line, sizeof(line));
	put_line(line);
}

static void put_messages(const char *type)
{
	const struct dmk_message_info *info;
	struct dmk_key key;

	for (uint32_t i = 0; (info = dmk_target_message(type, i)); i++) {
		if (i == 0)
			puts(".Pp\nMessages:\n.Bl -tag -width Ds");
		printf(".It Ic %s", info->name);
		for (uint32_t k = 0; dmk_message_key(type, info->name, k, &key) == 0; k++)
			printf(" Cm %s", key.name);
		putchar('\n');
		put_roff(info->help);
		printf("%s%s\n", info->since ? "; since " : "", info->since ? info->since : "");
		for (uint32_t k = 0; dmk_message_key(type, info->name, k, &key) == 0; k++) {
			char line[1024];

			describe_key(&key, line, sizeof(line));
			printf(".br\n%s: ", key.name);
			put_line(line);
		}
	}
	if (info == NULL && dmk_target_message(type, 0))
		puts(".El");
}

static void put_target(const struct dmk_target_info *info)
{
	struct dmk_key key;

	printf(".Ss %s\n", info->type);
	put_roff(info->summary);
	puts(".\n.Pp\nKeys:\n.Bl -tag -width Ds");
	for (uint32_t i = 0; dmk_target_key(info->type, i, &key) == 0; i++) {
		if (!(key.flags & DMK_KEY_SECRET)) {
			put_key(&key);
			continue;
		}
		printf(".It Cm %s-file Cm %s-fd Cm %s-format\n", key.name, key.name, key.name);
		put_line(key.help);
		if (strcmp(key.name, "key") == 0)
			puts(".It Cm keyring Cm key-size\ninstead, TYPE:DESCRIPTION of a key in "
			     "the kernel's keyring and its size in bytes");
	}
	puts(".El");
	put_messages(info->type);
	fputs(".Pp\nExample:\n.Dl dmkit create NAME ", stdout);
	put_line(info->example);
}

void print_manual(void)
{
	static const char head[] =
		".\\\" Made by `dmkit help --manual`.\n"
		".Dd November 22, 2026\n.Dt DMKIT-TARGETS 7\n.Os\n"
		".Sh NAME\n.Nm dmkit-targets\n.Nd keys and messages of device-mapper's targets\n"
		".Sh DESCRIPTION\n"
		"The keys of each target that\n.Xr dmkit 8\nknows, as its commands\n"
		".Ic create , load\nand\n.Ic replace\ntake them, and the messages of\n.Ic message "
		".\n"
		"A version behind\n.Dq since\nis the target's:\n.Ic dmkit target-version\ntells "
		"the "
		"kernel's.\n.Sh TARGETS";
	const struct dmk_target_info *info;

	puts(head);
	for (uint32_t i = 0; (info = dmk_target_info_at(i)); i++)
		put_target(info);
	puts(".Ss Messages of every device\nEvery device understands these, whatever its targets.");
	put_messages(NULL);
	puts(".Sh SEE ALSO\n.Xr libdmkit 3 ,\n.Xr dmkit 8");
}
