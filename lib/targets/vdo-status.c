/* SPDX-License-Identifier: MIT */
/* vdo's status: seven words, by rows. */
#include "vdo.h"

const struct dmk_choice dmk_vdo_switches[] = {
	{ "off", "off", DMK_VDO_OFF },
	{ "on", "on", DMK_VDO_ON },
	DMK_ALLOWED("off|on"),
};

static const struct dmk_choice modes[] = {
	{ "normal", "normal", DMK_VDO_NORMAL },
	{ "recovering", "recovering", DMK_VDO_RECOVERING },
	{ "read-only", "read-only", DMK_VDO_READ_ONLY },
	DMK_ALLOWED("normal|recovering|read-only"),
};

static const struct dmk_choice recovery[] = {
	{ "-", "no", 0 },
	{ "recovering", "yes", 1 },
	DMK_ALLOWED("no|yes"),
};

/* The kernel's document leaves suspended out. */
static const struct dmk_choice index_states[] = {
	{ "closed", "closed", DMK_VDO_INDEX_CLOSED },
	{ "closing", "closing", DMK_VDO_INDEX_CLOSING },
	{ "error", "error", DMK_VDO_INDEX_ERROR },
	{ "offline", "offline", DMK_VDO_INDEX_OFFLINE },
	{ "online", "online", DMK_VDO_INDEX_ONLINE },
	{ "opening", "opening", DMK_VDO_INDEX_OPENING },
	{ "suspended", "suspended", DMK_VDO_INDEX_SUSPENDED },
	{ "unknown", "unknown", DMK_VDO_INDEX_UNKNOWN },
	DMK_ALLOWED("closed|closing|error|offline|online|opening|suspended|unknown"),
};

static const struct dmk_choice compression[] = {
	{ "offline", "offline", DMK_VDO_OFF },
	{ "online", "online", DMK_VDO_ON },
	DMK_ALLOWED("offline|online"),
};

#define FIELD(name) .offset = offsetof(struct dmk_vdo_status, name)

enum {
	TOTAL = 6
};

static const struct dmk_trouble mode_trouble[] = {
	{ .when = DMK_TROUBLE_IS,
	  .value = DMK_VDO_READ_ONLY,
	  .what = "it has failed, and takes no writes any more",
	  .mend = "read out what can be read, remove @, run vdoforcerebuild on the device "
		  "below, and create it again" },
	DMK_NO_TROUBLE,
};

static const struct dmk_trouble index_trouble[] = {
	{ .when = DMK_TROUBLE_IS,
	  .value = DMK_VDO_INDEX_ERROR,
	  .what = "the index has failed: nothing is deduplicated any more",
	  .mend = "dmkit message @ index-create" },
	DMK_NO_TROUBLE,
};

static const struct dmk_trouble used_trouble[] = {
	{ .when = DMK_TROUBLE_FULL,
	  .note = true,
	  .other = TOTAL,
	  .value = 90,
	  .what = "it is nearly out of space; when it is, writes fail",
	  .mend = "discard what is not needed, or make the device below longer and load a "
		  "table with its new length: dmkit replace @ ..." },
	DMK_NO_TROUBLE,
};

/* clang-format off */
static const struct dmk_row rows[] = {
	{ .name = "device", .kind = DMK_KEY_TEXT, .help = "the device below",
	  FIELD(device) },
	{ .name = "operating-mode", .kind = DMK_KEY_CHOICE,
	  .help = "recovering: it repairs itself; read-only: it failed",
	  FIELD(mode), .choices = modes, .trouble = mode_trouble },
	{ .name = "in-recovery", .kind = DMK_KEY_CHOICE,
	  .help = "yes: it repairs itself",
	  FIELD(in_recovery), .choices = recovery },
	{ .name = "index-state", .kind = DMK_KEY_CHOICE,
	  .help = "of the deduplication's index",
	  FIELD(index_state), .choices = index_states, .trouble = index_trouble },
	{ .name = "compression-state", .kind = DMK_KEY_CHOICE, .help = "whether it compresses",
	  FIELD(compression), .choices = compression },
	{ .name = "used-physical", .kind = DMK_KEY_BLOCKS,
	  .help = "in use, of 4096 bytes",
	  FIELD(used_blocks), .trouble = used_trouble },
	{ .name = "total-physical", .kind = DMK_KEY_BLOCKS,
	  .help = "of 4096 bytes",
	  FIELD(total_blocks) },
};
/* clang-format on */

const struct dmk_form dmk_vdo_status_form = {
	.syntax = "DEVICE OPERATING-MODE IN-RECOVERY INDEX-STATE COMPRESSION-STATE USED TOTAL",
	DMK_ROWS(rows),
	.value_size = sizeof(struct dmk_vdo_status),
};
