/* SPDX-License-Identifier: MIT */
/* dmk_examine(): the machine, then each device. Every question is one of the public verbs', and an
 * answer that fails is a finding. */
#include "doctor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "kernel/kernel.h"

/* ---- the machine ---- */

/* Whether there is a control node to be opened. */
static int examine_control(struct dmk *dm, struct dmk_findings *findings, bool *ret_there)
{
	struct dmk_facts *facts = &findings->facts;
	struct dmk_finding *finding;
	uint32_t kind = 0;
	int minor = dmk_misc_minor();
	char path[sizeof(dm->node_dir) + sizeof("/control")];
	struct stat st;

	snprintf(path, sizeof(path), "%s/control", dm->node_dir);
	if (minor >= 0) {
		facts->flags |= DMK_FACT_DM;
		facts->misc_minor = (uint32_t)minor;
	}
	if (stat(path, &st) == 0 && S_ISCHR(st.st_mode)) {
		facts->flags |= DMK_FACT_CONTROL_NODE;
		facts->control_major = major(st.st_rdev);
		facts->control_minor = minor(st.st_rdev);
		/* Where the module is not loaded, opening the right node may load it. */
		if (!dmk_is_control(&st))
			kind = DMK_FINDING_CONTROL_WRONG;
	} else if (lstat(path, &st) == 0) {
		kind = DMK_FINDING_CONTROL_WRONG;
	} else {
		/* Without /proc the kernel is not known to have none. */
		kind = minor == -ENODEV ? DMK_FINDING_NO_DM : DMK_FINDING_CONTROL_MISSING;
	}
	*ret_there = kind == 0;
	if (kind == 0)
		return 0;
	finding = dmk_add_finding(findings, kind);
	if (!finding)
		return -ENOMEM;
	dmk_copy_text(finding->path, sizeof(finding->path), path);
	finding->other_major = facts->control_major;
	finding->other_minor = facts->control_minor;
	return 0;
}

static int examine_log(struct dmk *dm, struct dmk_findings *findings)
{
	struct dmk_finding *finding;
	int r;

	dmk_kmsg_note(&dm->log);
	r = dmk_kmsg_ready(&dm->log);
	if (r == 0) {
		findings->facts.flags |= DMK_FACT_KERNEL_LOG;
		return 0;
	}
	finding = dmk_add_finding(findings, DMK_FINDING_NO_KERNEL_LOG);
	if (!finding)
		return -ENOMEM;
	finding->code = r;
	return 0;
}

/* ---- the devices ---- */

/* What libdmkit-image makes for a mount is open, or goes by itself, but for a moment. */
static bool is_left(const struct dmk_info *info)
{
	static const char prefix[] = "DMKIT-IMAGE-";

	return strncmp(info->uuid, prefix, sizeof(prefix) - 1) == 0 && info->open_count == 0 &&
	       !(info->flags & DMK_INFO_DEFERRED_REMOVE);
}

static int examine_state(struct dmk_findings *findings, const struct dmk_listed *device,
			 const struct dmk_info *info)
{
	bool loaded = info->flags & DMK_INFO_INACTIVE_TABLE;
	uint32_t kind = 0;

	if (is_left(info))
		kind = DMK_FINDING_IMAGE_LEFT;
	else if (!(info->flags & DMK_INFO_LIVE_TABLE))
		kind = loaded ? DMK_FINDING_NOT_RESUMED : DMK_FINDING_NO_TABLE;
	else if (info->flags & DMK_INFO_SUSPENDED)
		kind = DMK_FINDING_SUSPENDED;
	if (kind && !dmk_add_finding_of(findings, kind, device))
		return -ENOMEM;
	if ((info->flags & DMK_INFO_LIVE_TABLE) && loaded &&
	    !dmk_add_finding_of(findings, DMK_FINDING_SECOND_TABLE, device))
		return -ENOMEM;
	return 0;
}

static int examine_device(struct dmk *dm, struct dmk_findings *findings, struct dmk_listed *device)
{
	struct dmk_id id = { .major = device->major, .minor = device->minor };
	struct dmk_info info;
	int r;

	/* One that went away meanwhile is none. */
	if (dmk_get_info(dm, &id, NULL, &info) < 0)
		return 0;
	device->has_table = info.flags & DMK_INFO_LIVE_TABLE;
	device->going = info.flags & DMK_INFO_DEFERRED_REMOVE;
	r = dmk_examine_name(findings, device);
	if (r == 0)
		r = examine_state(findings, device, &info);
	if (r == 0 && device->has_table)
		r = dmk_examine_disks(dm, findings, device);
	if (r == 0 && device->has_table)
		r = dmk_examine_status(dm, findings, device);
	return r == 0 && device->has_table ? dmk_examine_udev(dm, findings, device) : r;
}

static int examine_devices(struct dmk *dm, struct dmk_findings *findings)
{
	struct dmk_listing listing = { 0 };
	int r = dmk_listing_read(dm, &listing);

	if (r == -ENOMEM)
		return r;
	if (r < 0) {
		struct dmk_finding *finding = dmk_add_finding(
			findings, r == -ENODEV ? DMK_FINDING_NO_DM : DMK_FINDING_NOT_LISTED);

		if (!finding)
			return -ENOMEM;
		finding->code = r;
		dmk_copy_text(finding->path, sizeof(finding->path), dm->error.argument);
		dmk_copy_text(finding->detail, sizeof(finding->detail), dm->error.detail);
		return 0;
	}
	findings->facts.flags |= DMK_FACT_LISTED | DMK_FACT_DM;
	findings->facts.driver = dm->driver;
	findings->facts.n_devices = listing.n;
	for (uint32_t i = 0; r == 0 && i < listing.n; i++)
		r = examine_device(dm, findings, &listing.devices[i]);
	if (r == 0)
		r = dmk_examine_nodes(dm, findings, &listing, NULL);
	dmk_advise_links(findings);
	dmk_listing_free(&listing);
	return r;
}

static int examine_all(struct dmk *dm, struct dmk_findings *findings)
{
	bool there;
	int r = examine_control(dm, findings, &there);

	/* Behind a hook the requests need not go to this machine's kernel. */
	if (r == 0 && (there || dm->transport))
		r = examine_devices(dm, findings);
	if (r == 0)
		r = dmk_examine_cookies(dm, findings);
	return r == 0 ? examine_log(dm, findings) : r;
}

int dmk_examine(struct dmk *dm, const struct dmk_examine_options *options,
		struct dmk_findings **ret_findings)
{
	static const struct dmk_examine_options defaults;
	const struct dmk_examine_options *o = options ? options : &defaults;
	struct dmk_findings *findings;
	int r;

	dmk_begin(dm, DMK_VERB_DOCTOR, NULL);
	r = dmk_check_options(dm, o->flags, 0, o->reserved);
	if (r == 0)
		r = dmk_check_unused(dm, o->unused);
	if (r < 0)
		return r;
	findings = calloc(1, sizeof(*findings));
	r = findings ? examine_all(dm, findings) : -ENOMEM;
	dmk_begin(dm, DMK_VERB_DOCTOR, NULL); /* what the questions failed with is told by then */
	if (r < 0) {
		dmk_findings_free(findings);
		return dmk_fail_step(dm, DMK_STEP_LIST, r);
	}
	*ret_findings = findings;
	return 0;
}

int dmk_mend(struct dmk *dm, const struct dmk_finding *finding)
{
	int r;

	dmk_begin(dm, DMK_VERB_DOCTOR, finding->name[0] ? finding->name : NULL);
	if (!(finding->flags & DMK_FINDING_CAN_MEND))
		return dmk_fail_argument(dm, -EOPNOTSUPP, "this finding is not for dmk_mend()");
	switch (finding->kind) {
	case DMK_FINDING_CONTROL_MISSING:
		r = dmk_connect(dm);
		break;
	case DMK_FINDING_NODE_MISSING:
	case DMK_FINDING_NODE_WRONG:
	case DMK_FINDING_NODE_STALE:
	case DMK_FINDING_LINK_DANGLING:
	case DMK_FINDING_NODE_OTHER_NAME:
	case DMK_FINDING_NODE_LEFT:
		r = dmk_mend_node(dm, finding);
		break;
	case DMK_FINDING_COOKIE_STALE:
		r = dmk_mend_cookie(dm, finding);
		break;
	default:
		r = dmk_fail_argument(dm, -EOPNOTSUPP, "this finding is not for dmk_mend()");
		break;
	}
	return dmk_done(dm, r);
}
