/* SPDX-License-Identifier: MIT */
/* doctor: one page on this machine. The library looks; here is what it means, and what mends it. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "sayings.h"

/* ---- a finding into words ---- */

struct words {
	char text[2048];
	size_t length;
};

static void add(struct words *words, const char *text)
{
	size_t left = sizeof(words->text) - words->length;
	int n = snprintf(words->text + words->length, left, "%s", text);

	words->length += (size_t)n < left ? (size_t)n : left - 1;
}

static void add_quoted(struct words *words, const char *word)
{
	static const char safe[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@%+=:,./-";
	char one[2] = "";

	if (word[strspn(word, safe)] == '\0') {
		add(words, word);
		return;
	}
	add(words, "'");
	for (; *word; word++) {
		one[0] = *word;
		add(words, *word == '\'' ? "'\\''" : one);
	}
	add(words, "'");
}

static void add_number(struct words *words, uint32_t major, uint32_t minor)
{
	char number[DEVNO_TEXT];

	add(words, major ? format_devno(major, minor, number) : "nothing");
}

static void add_disk(struct words *words, const struct dmk_finding *finding)
{
	char name[256];

	disk_name(finding->other_major, finding->other_minor, name, sizeof(name));
	if (*name) {
		add(words, " (");
		add(words, name);
		add(words, ")");
	}
}

static void add_reasons(struct words *words, const struct dmk_finding *finding)
{
	const char *const reasons[] = { finding->path, dmk_errno_text(finding->code),
					finding->detail };

	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++) {
		if (!*reasons[i])
			continue;
		if (words->text[words->length - 1] != ' ')
			add(words, ": ");
		add(words, reasons[i]);
	}
}

static void add_field(struct words *words, char field, const struct dmk_finding *finding)
{
	char number[64];

	switch (field) {
	case 'n':
		add(words, finding->name);
		break;
	case 'q':
		add_quoted(words, finding->name);
		break;
	case 'd':
		add_number(words, finding->major, finding->minor);
		break;
	case 'p':
		add(words, finding->path);
		break;
	case 'P':
		add_quoted(words, finding->path);
		break;
	case 'o':
		add_number(words, finding->other_major, finding->other_minor);
		break;
	case 'w':
		add_disk(words, finding);
		break;
	case 't':
		add(words, finding->detail);
		break;
	case 'e':
		add(words, dmk_errno_text(finding->code));
		break;
	case 's':
		snprintf(number, sizeof(number), "%" PRIu64 ", its own is %" PRIu64,
			 finding->other_diskseq, finding->diskseq);
		add(words, number);
		break;
	case 'g':
		add(words, finding->target);
		break;
	case 'f':
		add(words, finding->field);
		break;
	case 'v':
		add(words, finding->value);
		break;
	case 'x':
		add_reasons(words, finding);
		break;
	case 'a':
		snprintf(number, sizeof(number), "%" PRId64, finding->age_s);
		add(words, number);
		break;
	default:
		snprintf(number, sizeof(number), "0x%08" PRIx32, finding->cookie);
		add(words, number);
		break;
	}
}

static const char *say(struct words *words, const char *format, const struct dmk_finding *finding)
{
	words->length = 0;
	words->text[0] = '\0';
	for (; *format; format++) {
		char one[2] = { *format };

		if (*format == '@')
			add_field(words, *++format, finding);
		else
			add(words, one);
	}
	return words->text;
}

static const struct saying *saying_of(const struct dmk_finding *finding)
{
	/* A library newer than this command may find more. */
	static const struct saying unknown = { "unknown", "something else: @p @n @t", "" };

	dmk_texts_unpack();
	return finding->kind < n_sayings && sayings[finding->kind].kind ? &sayings[finding->kind]
									: &unknown;
}

/* What is to be done about an errno. */
static const char *mend_of_code(const struct dmk_finding *finding)
{
	bool refused =
		exit_code(&(struct dmk_error){ .code = finding->code }) == EXIT_NOT_PERMITTED;

	if (finding->kind == DMK_FINDING_NOT_LISTED && refused)
		/* The node could not be opened; or it was, and the kernel refused the request. */
		return *finding->path ? "run it as root" : "run it with CAP_SYS_ADMIN";
	if (finding->kind != DMK_FINDING_NO_KERNEL_LOG)
		return "";
	if (finding->code == -ENOENT)
		return "mknod -m 644 /dev/kmsg c 1 11";
	return refused ? "run dmkit as root, or with CAP_SYSLOG" : "";
}

static const char *mend_of(const struct dmk_finding *finding)
{
	const char *mend = saying_of(finding)->mend;

	if (finding->flags & DMK_FINDING_CAN_MEND)
		return FIX;
	return *mend ? mend : mend_of_code(finding);
}

/* Its own advice comes first; that is no format. */
static const char *say_mend(struct words *words, const struct dmk_finding *finding)
{
	if (!*finding->advice)
		return say(words, mend_of(finding), finding);
	words->length = 0;
	add(words, finding->advice);
	return words->text;
}

static void put_finding(struct cli *cli, const struct dmk_finding *finding, bool mended)
{
	const struct saying *saying = saying_of(finding);
	struct json *json = &cli->json;
	struct words words;

	if (given(cli, OPT_JSON)) {
		json_object(json, NULL);
		json_string(json, "kind", saying->kind);
		json_string(json, "text", say(&words, saying->text, finding));
		json_string(json, "mend", say_mend(&words, finding));
		json_bool(json, "note", finding->flags & DMK_FINDING_NOTE);
		json_bool(json, "mended", mended);
		json_string(json, "name", finding->name);
		json_u64(json, "major", finding->major);
		json_u64(json, "minor", finding->minor);
		json_string(json, "path", finding->path);
		json_u64(json, "other_major", finding->other_major);
		json_u64(json, "other_minor", finding->other_minor);
		json_string(json, "target", finding->target);
		json_u64(json, "start_sectors", finding->start_sectors);
		json_string(json, "field", finding->field);
		json_string(json, "value", finding->value);
		json_u64(json, "cookie", finding->cookie);
		json_close(json);
		return;
	}
	fputs(finding->flags & DMK_FINDING_NOTE ? "\nnote: " : "\n", stdout);
	put_text(stdout, cli->out_tty, say(&words, saying->text, finding));
	fputs(mended ? "\n  mended" : "", stdout);
	say_mend(&words, finding);
	if (!mended && words.length) {
		fputs("\n  mend: ", stdout);
		put_text(stdout, cli->out_tty, words.text);
	}
	putchar('\n');
}

/* ---- the machine ---- */

static const char *format_version(const struct dmk_version *version, char *buf, size_t size)
{
	snprintf(buf, size, "%" PRIu32 ".%" PRIu32 ".%" PRIu32, version->major, version->minor,
		 version->patch);
	return buf;
}

/* "linear 1.4.0, zero 1.2.0", or the same as an object. */
static void put_targets(struct cli *cli)
{
	bool json = given(cli, OPT_JSON);
	struct dmk_target_version target;
	struct dmk_targets *targets;
	const char *comma = "";
	char version[48];

	if (dmk_list_targets(cli->dm, &targets) < 0)
		return;
	while (dmk_targets_next(targets, &target) > 0) {
		format_version(&target.version, version, sizeof(version));
		if (json) {
			json_string(&cli->json, target.type, version);
		} else {
			fputs(comma, stdout);
			put_text(stdout, cli->out_tty, target.type);
			printf(" %s", version);
			comma = ", ";
		}
	}
	dmk_targets_free(targets);
}

static void put_facts_json(struct cli *cli, const struct dmk_facts *facts,
			   const struct dmk_udev_state *udev)
{
	struct json *json = &cli->json;
	char text[48];

	json_bool(json, "device_mapper", facts->flags & DMK_FACT_DM);
	if (facts->flags & DMK_FACT_LISTED)
		json_string(json, "driver", format_version(&facts->driver, text, sizeof(text)));
	else
		json_null(json, "driver");
	if (facts->flags & DMK_FACT_CONTROL_NODE)
		json_string(json, "control_node",
			    format_devno(facts->control_major, facts->control_minor, text));
	else
		json_null(json, "control_node");
	json_object(json, "targets");
	if (facts->flags & DMK_FACT_LISTED)
		put_targets(cli);
	json_close(json);
	json_object(json, "udev");
	json_bool(json, "handshake", udev->handshake);
	json_string(json, "why", dmk_udev_why_text(udev->why));
	json_close(json);
	json_bool(json, "kernel_log", facts->flags & DMK_FACT_KERNEL_LOG);
	json_u64(json, "devices", facts->n_devices);
}

static void put_facts(struct cli *cli, const struct dmk_facts *facts)
{
	struct dmk_udev_state udev = { 0 };
	char text[48];

	(void)dmk_get_udev_state(cli->dm, &udev); /* without an answer it is unknown */
	if (given(cli, OPT_JSON)) {
		put_facts_json(cli, facts, &udev);
		return;
	}
	printf("device-mapper  %s", facts->flags & DMK_FACT_LISTED ? "driver "
				    : facts->flags & DMK_FACT_DM   ? "there, but not looked at"
								   : "not seen");
	if (facts->flags & DMK_FACT_LISTED)
		fputs(format_version(&facts->driver, text, sizeof(text)), stdout);
	printf("\ncontrol node   %s\n",
	       facts->flags & DMK_FACT_CONTROL_NODE
		       ? format_devno(facts->control_major, facts->control_minor, text)
		       : "none");
	if (facts->flags & DMK_FACT_LISTED) {
		fputs("targets        ", stdout);
		put_targets(cli);
		printf("\ndevices        %" PRIu32 "\n", facts->n_devices);
	}
	printf("udev           %s: %s\n", udev.handshake ? "handshake" : "no handshake",
	       dmk_udev_why_text(udev.why));
	printf("kernel log     %s\n",
	       facts->flags & DMK_FACT_KERNEL_LOG ? "can be read" : "cannot be read");
}

/* ---- the command ---- */

/* Mends it, if that is asked for and can be done; says what it is. false: it is left as it was. */
static bool take_finding(struct cli *cli, bool fix, const struct dmk_finding *finding)
{
	bool mended = false;

	if (fix && (finding->flags & DMK_FINDING_CAN_MEND)) {
		mended = dmk_mend(cli->dm, finding) == 0;
		if (!mended)
			(void)fail(cli); /* the finding stays: exit code 1 */
	}
	put_finding(cli, finding, mended);
	return mended;
}

/* What is behind the control node is found only when it is there. */
static int examine(struct cli *cli, bool fix, struct dmk_finding *ret_control,
		   struct dmk_findings **ret_findings)
{
	struct dmk_findings *findings;
	struct dmk_finding finding;

	if (dmk_examine(cli->dm, NULL, &findings) < 0)
		return fail(cli);
	while (fix && dmk_findings_next(findings, &finding) > 0) {
		if (finding.kind != DMK_FINDING_CONTROL_MISSING || dmk_mend(cli->dm, &finding) < 0)
			continue;
		*ret_control = finding;
		dmk_findings_free(findings);
		if (dmk_examine(cli->dm, NULL, &findings) < 0)
			return fail(cli);
		break;
	}
	dmk_findings_rewind(findings);
	*ret_findings = findings;
	return EXIT_DONE;
}

int cmd_doctor(struct cli *cli, char **args, int n)
{
	bool fix = given(cli, OPT_FIX) && !given(cli, OPT_DRY_RUN);
	struct dmk_finding control = { 0 };
	struct dmk_finding finding;
	struct dmk_findings *findings = NULL;
	bool wrong = false, any = false;
	int status = examine(cli, fix, &control, &findings);

	(void)args;
	(void)n;
	if (status != EXIT_DONE)
		return status;
	if (given(cli, OPT_JSON))
		json_item(cli);
	put_facts(cli, dmk_findings_get_facts(findings));
	if (given(cli, OPT_JSON))
		json_array(&cli->json, "findings");
	if (control.kind)
		put_finding(cli, &control, true);
	while (dmk_findings_next(findings, &finding) > 0) {
		any = true;
		if (!take_finding(cli, fix, &finding) && !(finding.flags & DMK_FINDING_NOTE))
			wrong = true;
	}
	dmk_findings_free(findings);
	if (given(cli, OPT_JSON)) {
		json_close(&cli->json);
		json_close(&cli->json);
	} else if (!any && !control.kind) {
		puts("\nnothing is wrong");
	}
	return wrong ? EXIT_FAILED : EXIT_DONE;
}
