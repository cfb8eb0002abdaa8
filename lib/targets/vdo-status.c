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

#define DMK_ROWS_OF struct dmk_vdo_status

static const struct dmk_row rows[] = {
	{ DMK_ROW("device", TEXT, "the device below"), DMK_FIELD(device) },
	{ DMK_ROW("operating-mode", CHOICE, "recovering: it repairs itself; read-only: it failed"),
	  DMK_FIELD(mode), .choices = modes, .trouble = mode_trouble },
	{ DMK_ROW("in-recovery", CHOICE, "yes: it repairs itself"), DMK_FIELD(in_recovery),
	  .choices = recovery },
	{ DMK_ROW("index-state", CHOICE, "of the deduplication's index"), DMK_FIELD(index_state),
	  .choices = index_states, .trouble = index_trouble },
	{ DMK_ROW("compression-state", CHOICE, "whether it compresses"), DMK_FIELD(compression),
	  .choices = compression },
	{ DMK_ROW("used-physical", BLOCKS, "in use, of 4096 bytes"), DMK_FIELD(used_blocks),
	  .trouble = used_trouble },
	{ DMK_ROW("total-physical", BLOCKS, "of 4096 bytes"), DMK_FIELD(total_blocks) },
};

const struct dmk_form dmk_vdo_status_form = {
	.syntax = "DEVICE OPERATING-MODE IN-RECOVERY INDEX-STATE COMPRESSION-STATE USED TOTAL",
	DMK_ROWS(rows, struct dmk_vdo_status),
};
