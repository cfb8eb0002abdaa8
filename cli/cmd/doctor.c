/* SPDX-License-Identifier: MIT */
/* doctor: one page on this machine. The library looks; here is what it means, and what mends it. */
#include <inttypes.h>
#include <string.h>

#include "cmd/commands.h"
#include "cmd/doctor.h"
#include "common/cli.h"
#include "common/disks.h"
#include "common/json.h"
#include "show/errors.h"
#include "show/output.h"

static void put_finding(struct cli *cli, const struct dmk_finding *finding, bool mended)
{
	struct json *json = &cli->json;
	struct sentence sentence;
	bool note;

	if (given(cli, OPT_JSON)) {
		json_object(json, NULL);
		json_string(json, "kind", finding_kind(finding));
		json_string(json, "text", say_finding(&sentence, finding));
		json_string(json, "mend", say_mend(&sentence, finding));
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
	note = finding->flags & DMK_FINDING_NOTE;
	fputs(note ? "\nnote: " : "\n", stdout);
	put_folded(stdout, cli->out_tty, say_finding(&sentence, finding), note ? 6 : 0, 0,
		   fold_width(stdout));
	fputs(mended ? "\n  mended" : "", stdout);
	say_mend(&sentence, finding);
	/* A command is one line, whatever the width: it can be copied. */
	if (!mended && sentence.length) {
		fputs("\n  mend: ", stdout);
		put_text(stdout, cli->out_tty, sentence.text);
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

#define FACTS_INDENT 15

/* "linear 1.4.0, zero 1.2.0", or the same as an object. */
static void put_targets(struct cli *cli)
{
	bool json = given(cli, OPT_JSON);
	struct dmk_target_version target;
	struct dmk_targets *targets;
	unsigned width = fold_width(stdout), column = FACTS_INDENT;
	char version[48];
	bool first = true;

	if (dmk_list_targets(cli->dm, &targets) < 0)
		return;
	while (dmk_targets_next(targets, &target) > 0) {
		format_version(&target.version, version, sizeof(version));
		if (json) {
			json_string(&cli->json, target.type, version);
		} else {
			unsigned length = (unsigned)(strlen(target.type) + strlen(version)) + 3;
			bool folds = !first && width && column + length > width;

			printf(first ? "" : folds ? ",\n%*s" : ", ", FACTS_INDENT, "");
			put_text(stdout, cli->out_tty, target.type);
			printf(" %s", version);
			column = (folds ? FACTS_INDENT : column) + length;
			first = false;
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

/* The library's doctor removes no device. This one is gone if it still is what was found: by its
 * uuid, which is nobody else's, and not if somebody has it open by now. */
static bool remove_left(struct cli *cli, const struct dmk_finding *finding)
{
	const struct dmk_id number = { .major = finding->major, .minor = finding->minor };
	const struct dmk_remove_options once = { .flags = DMK_REMOVE_ONCE };
	static const char ours[] = "DMKIT-IMAGE-";
	struct dmk_info info;

	if (dmk_get_info(cli->dm, &number, NULL, &info) < 0 ||
	    strcmp(info.name, finding->name) != 0 ||
	    strncmp(info.uuid, ours, sizeof(ours) - 1) != 0 ||
	    (info.flags & DMK_INFO_DEFERRED_REMOVE))
		return true;
	return dmk_remove(cli->dm, &(struct dmk_id){ .uuid = info.uuid }, &once, NULL) == 0;
}

/* Mends it, if that is asked for and can be done; says what it is. false: it is left as it was. */
static bool take_finding(struct cli *cli, bool fix, const struct dmk_finding *finding)
{
	bool left = finding->kind == DMK_FINDING_IMAGE_LEFT, mended = false;

	if (fix && (left || (finding->flags & DMK_FINDING_CAN_MEND))) {
		mended = left ? remove_left(cli, finding) : dmk_mend(cli->dm, finding) == 0;
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
