/* SPDX-License-Identifier: MIT */
/* The devices that a command line means. */
#ifndef DMKIT_DEVICES_H
#define DMKIT_DEVICES_H

#include "common/cli.h"

/*
 * The name of the device that a word means: the word itself or NAME of /dev/mapper/NAME, where a
 * device has that name; else what is called so in libdevmapper's form (my\x20disk), dm-N,
 * MAJOR:MINOR, or any path that leads to its node. One that is not there by any of them keeps its
 * word as name, for the verb to say so. 0 or an exit code, reported.
 */
int find_handle(struct cli *cli, const char *word, struct handle *ret_handle);
/* Exit code 3, for a word that leads to no mapping; with the nearest names. */
int fail_handle(struct cli *cli, const char *word, const char *format, ...) PRINTF(3, 4);
/*
 * The device that a CMD_DEVICE command means: its first argument, or --uuid or --devno. *args and
 * *n move past what was used. 0 or an exit code, reported.
 */
int take_device(struct cli *cli, char ***args, int *n, struct dmk_id *ret_id);
void address(const struct cli *cli, struct dmk_id *ret_id);
/* NAME out of /dev/mapper/NAME; another word as it is. */
const char *strip_node_dir(const char *word);
const char *device_word(const struct dmk_id *id, char *buf, size_t size);
/* That the words say which devices, and once. 0 or EXIT_USAGE, reported. */
int check_devices(struct cli *cli, int n);
/*
 * Calls fn for each named device, or --uuid's or --devno's, or --prefix's, or for all there are,
 * which a command that changes something refuses. Goes on after a
 * failure, which fn has reported; returns the first one's exit code.
 */
struct each {
	struct dmk_id id;
	bool all;			 /* all there are are meant */
	bool prefix;			 /* more than one is meant */
	const struct dmk_device *listed; /* its row of the list where all are meant, else NULL */
};
typedef int (*each_fn)(struct cli *cli, const struct each *each);
int each_device(struct cli *cli, char **names, int n, each_fn fn);
/* The same, in each-order.c: what stands on another one comes before it, or after it. */
int each_ordered(struct cli *cli, char **names, int n, bool top_first, each_fn fn);
/* fail(); but EXIT_DONE for a device that went away while all were walked. */
int each_fail(struct cli *cli, const struct each *each);
/* Who stands on whom, of all there are: dmk_graph_free(). flags as dmk_list() has them. 0 or an exit
 * code, reported. */
int graph_read(struct cli *cli, uint32_t flags, struct dmk_graph **ret_graph);
void query_options(const struct cli *cli, struct dmk_query_options *ret_options);

#endif
