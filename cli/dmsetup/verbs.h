/* SPDX-License-Identifier: MIT */
/* The verbs, and what more than one of them needs. Each returns 0, or -1 when stderr has been told.
 */
#ifndef DMSETUP_VERBS_H
#define DMSETUP_VERBS_H

#include "dmsetup/dmsetup.h"

int dms_clear(struct dmsetup *d, char **names, int n);
int dms_create(struct dmsetup *d, char **words, int n);
int dms_deps(struct dmsetup *d, char **names, int n);
int dms_devmap_name(struct dmsetup *d, char **words, int n);
int dms_info(struct dmsetup *d, char **names, int n);
int dms_load(struct dmsetup *d, char **words, int n);
int dms_ls(struct dmsetup *d, char **names, int n);
int dms_measure(struct dmsetup *d, char **names, int n);
int dms_message(struct dmsetup *d, char **words, int n);
int dms_mknodes(struct dmsetup *d, char **names, int n);
int dms_remove(struct dmsetup *d, char **names, int n);
int dms_remove_all(struct dmsetup *d, char **names, int n);
int dms_rename(struct dmsetup *d, char **words, int n);
int dms_resume(struct dmsetup *d, char **names, int n);
int dms_set_geometry(struct dmsetup *d, char **words, int n);
int dms_status(struct dmsetup *d, char **names, int n);
int dms_suspend(struct dmsetup *d, char **names, int n);
int dms_table(struct dmsetup *d, char **names, int n);
int dms_target_version(struct dmsetup *d, char **names, int n);
int dms_targets(struct dmsetup *d, char **names, int n);
int dms_udev_complete(struct dmsetup *d, char **words, int n);
int dms_udev_complete_all(struct dmsetup *d, char **words, int n);
int dms_udev_cookies(struct dmsetup *d, char **words, int n);
int dms_udev_create_cookie(struct dmsetup *d, char **words, int n);
int dms_udev_flags(struct dmsetup *d, char **words, int n);
int dms_udev_release_cookie(struct dmsetup *d, char **words, int n);
int dms_version(struct dmsetup *d, char **names, int n);
int dms_wait(struct dmsetup *d, char **words, int n);
int dms_wipe_table(struct dmsetup *d, char **names, int n);

/* The block of `info`; _after: where -v asks for it once a verb is done. */
int dms_print_info(struct dmsetup *d, const struct dmk_info *info);
int dms_info_after(struct dmsetup *d, const struct dmk_id *id);

/* Reads what the options and the environment say of udev into d. */
void dms_udev_begin(struct dmsetup *d);

/* Whether udevd makes the nodes. */
bool dms_handshake(struct dmsetup *d);
/* What the library refused about a udev cookie. -1. */
int dms_fail_cookie(struct dmsetup *d, uint32_t key);

/* -U, -G and -M, or dmsetup's own: root, disk, 0660. */
uint32_t dms_node_uid(const struct dmsetup *d);
uint32_t dms_node_gid(const struct dmsetup *d);
uint32_t dms_node_mode(const struct dmsetup *d);
/* dmk_resume() with all that the options say of nodes and udev; flags are DMK_SUSPEND_*. The errno.
 */
int dms_resume_with(struct dmsetup *d, const struct dmk_id *id, uint32_t flags,
		    struct dmk_info *ret_info);
/* Sets what --readahead says, if it is given and the device is there. */
void dms_set_read_ahead(struct dmsetup *d, const struct dmk_info *info);

/* Runs command, which is split at blanks, with path as its last word: 0, -1: there is no command.
 */
int dms_exec(const char *command, const char *path);

#endif
