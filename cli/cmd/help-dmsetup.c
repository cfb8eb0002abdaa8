/* SPDX-License-Identifier: MIT */
/* For who comes from dmsetup: its commands and options, and what they are here. The manual has the
 * same table. */
#include <string.h>

#include "cmd/help.h"
#include "common/cli.h"
#include "common/json.h"
#include "show/output.h"

/* dmsetup's words, a tab, dmkit's words; a line each. Without a tab both are the same. */
static const char rows[] = "create NAME --table TEXT\n"
			   "create NAME FILE\tcreate NAME --table-file FILE\n"
			   "create NAME <FILE\tcreate NAME --table-file - <FILE\n"
			   "create NAME --notable\tcreate NAME --no-table\n"
			   "create -r -u UUID NAME FILE\tcreate NAME --readonly --uuid UUID ...\n"
			   "create --concise SPEC\n"
			   "load NAME FILE\tload NAME --table-file FILE\n"
			   "reload NAME --table TEXT\tload NAME --table TEXT\n"
			   "reload NAME FILE; resume NAME\treplace NAME --table-file FILE\n"
			   "suspend --nolockfs --noflush NAME\tsuspend --no-lockfs --noflush NAME\n"
			   "resume NAME\n"
			   "clear NAME\n"
			   "wipe_table NAME\treplace NAME error size=SIZE\n"
			   "remove --retry NAME\tremove NAME\n"
			   "remove --force NAME\n"
			   "remove --deferred NAME\n"
			   "remove_all\tremove --all\n"
			   "rename NAME NEW-NAME\n"
			   "rename NAME --setuuid UUID\tset-uuid NAME UUID\n"
			   "message NAME SECTOR TEXT\tmessage NAME --sector SECTOR TEXT\n"
			   "stats create NAME\tmessage NAME stats-create ...\n"
			   "wait NAME EVENT-NR\n"
			   "ls\tlist\n"
			   "ls --tree\ttree\n"
			   "info NAME\n"
			   "info -c\tlist --state\n"
			   "deps NAME\n"
			   "table NAME\n"
			   "table --showkeys NAME\ttable --show-keys NAME\n"
			   "table --concise NAME\texport NAME\n"
			   "status NAME\tstatus --raw NAME\n"
			   "mknodes\tdoctor --fix\n"
			   "mangle NAME\trename NAME NEW-NAME\n"
			   "setgeometry NAME C H S START\tset-geometry NAME C H S START\n"
			   "targets\n"
			   "target-version TYPE\n"
			   "version\n"
			   "help\n"
			   "udevcookies\tdoctor\n"
			   "udevcomplete_all\tdoctor --fix\n"
			   "measure NAME\tdmsetup measure NAME\n"
			   "splitname NAME\tdmsetup splitname NAME\n"
			   "udevflags COOKIE\tdmsetup udevflags COOKIE\n"
			   "udevcomplete COOKIE\tdmsetup udevcomplete COOKIE\n"
			   "udevcreatecookie\tdmsetup udevcreatecookie\n"
			   "udevreleasecookie COOKIE\tdmsetup udevreleasecookie COOKIE\n"
			   "VERB -u UUID\tCOMMAND --uuid UUID\n"
			   "VERB -j MAJOR -m MINOR\tCOMMAND --devno MAJOR:MINOR\n"
			   "VERB --noudevsync\tCOMMAND --no-udev\n"
			   "VERB --inactive NAME\tCOMMAND --inactive NAME\n";

void print_dmsetup_help(struct cli *cli)
{
	static const char head[] =
		"What dmsetup's commands are here. dmkit dmsetup ... is that command itself, "
		"its output and exit codes too.";
	bool json = given(cli, OPT_JSON);
	char theirs[64], ours[64];

	if (!json) {
		put_wrapped(stdout, head, 0);
		printf("\n  %-34s dmkit ...\n", "dmsetup ...");
	}
	for (const char *line = rows; *line; line += strcspn(line, "\n") + 1) {
		size_t length = strcspn(line, "\t\n");
		const char *right = line[length] == '\t' ? line + length + 1 : line;

		snprintf(theirs, sizeof(theirs), "%.*s", (int)length, line);
		snprintf(ours, sizeof(ours), "%.*s", (int)strcspn(right, "\n"), right);
		if (!json) {
			printf("  %-34s %s\n", theirs, ours);
			continue;
		}
		json_item(cli);
		json_string(&cli->json, "kind", "dmsetup");
		json_string(&cli->json, "dmsetup", theirs);
		json_string(&cli->json, "dmkit", ours);
		json_close(&cli->json);
	}
}
