/* SPDX-License-Identifier: MIT */
/* Is udevd there, and what a verb does with it: a cookie, a wait, a look at the node. */
#include "udev.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "device.h"

#define NS_PER_MS INT64_C(1000000)

/* The number of the first IPC namespace: fixed since Linux 3.8. */
#define FIRST_IPC_NAMESPACE 0xefffffff

static const char *const why_texts[] = {
	[DMK_UDEV_WHY_ANSWERS] = "udevd answers",
	[DMK_UDEV_WHY_ASKED] = "so it was asked for",
	[DMK_UDEV_WHY_NO_SOCKET] = "there is no /run/udev/control",
	[DMK_UDEV_WHY_NO_ANSWER] = "nobody answers at /run/udev/control",
	[DMK_UDEV_WHY_IPC] = "udevd is in another IPC namespace",
	[DMK_UDEV_WHY_DEV] = "udevd has another /dev",
	[DMK_UDEV_WHY_NODE_DIR] = "the node folder is not /dev/mapper",
	[DMK_UDEV_WHY_TRANSPORT] = "requests do not go to the kernel",
	[DMK_UDEV_WHY_DRY_RUN] = "nothing is changed in a dry run",
	[DMK_UDEV_WHY_NO_RULES] = "udev has no 95-dm-notify.rules",
};

static const char *const note_texts[] = {
	[DMK_UDEV_NOTE_NONE] = "",
	[DMK_UDEV_NOTE_LATE] = "udevd did not answer in time; the node is right",
	[DMK_UDEV_NOTE_MADE] = "udevd did not answer in time; the node was made without it",
	[DMK_UDEV_NOTE_REMOVED] = "udevd did not answer in time; the node was removed without it",
	[DMK_UDEV_NOTE_WRONG] =
		"udevd's link was missing or led elsewhere; the node was made without it",
	[DMK_UDEV_NOTE_LEFT] = "udevd left its link; it was removed without it",
	[DMK_UDEV_NOTE_NO_COOKIE] =
		"no semaphore could be made: the node was waited for, other links were not",
};

static const char *text_at(const char *const *texts, size_t n, uint32_t index)
{
	return index < n && texts[index] ? texts[index] : "?";
}

const char *dmk_udev_why_text(uint32_t why)
{
	return text_at(why_texts, DMK_ARRAY_SIZE(why_texts), why);
}

const char *dmk_udev_note_text(uint32_t note)
{
	return text_at(note_texts, DMK_ARRAY_SIZE(note_texts), note);
}

/* 1: both paths lead to one file; 0: to two; -1: it cannot be told. */
static int same_file(const char *path, pid_t pid, const char *below)
{
	struct stat own, other;
	char theirs[64];

	dmk_print_text(theirs, sizeof(theirs), "/proc/%d/%s", (int)pid, below);
	if (stat(path, &own) < 0 || stat(theirs, &other) < 0)
		return -1;
	return own.st_dev == other.st_dev && own.st_ino == other.st_ino;
}

/*
 * Who listens is asked of the socket: its maker, which is udevd, systemd for it, or a process that
 * has ended since (udevd --daemon), or one in a pid namespace that is not ours. Then our own IPC
 * namespace tells: a container with one of its own never has the first one. Network namespaces do
 * not matter: the kernel sends the events of block devices to all of them.
 */
static uint32_t compare(pid_t pid)
{
	struct stat own;
	int same = pid > 0 ? same_file("/proc/self/ns/ipc", pid, "ns/ipc") : -1;

	if (same < 0)
		same = stat("/proc/self/ns/ipc", &own) == 0 && own.st_ino == FIRST_IPC_NAMESPACE;
	if (!same)
		return DMK_UDEV_WHY_IPC;
	if (pid > 0 && same_file("/dev", pid, "root/dev") == 0)
		return DMK_UDEV_WHY_DEV;
	return DMK_UDEV_WHY_ANSWERS;
}

/* Without the rules, which come with dmsetup, not with udev, nobody makes links of device-mapper's
 * or counts a cookie down. */
static bool has_rules(void)
{
	static const char *const dirs[] = { "/usr/lib", "/lib", "/etc", "/run", "/usr/local/lib" };
	char path[64];

	for (size_t i = 0; i < DMK_ARRAY_SIZE(dirs); i++) {
		dmk_print_text(path, sizeof(path), "%s/udev/rules.d/95-dm-notify.rules", dirs[i]);
		if (access(path, F_OK) == 0)
			return true;
	}
	return false;
}

static uint32_t probe(struct dmk *dm)
{
	static const struct sockaddr_un control = { AF_UNIX, "/run/udev/control" };
	struct ucred peer = { 0 };
	socklen_t size = sizeof(peer);
	DMK_CLEANUP(dmk_close_ptr) int fd = -1;

	dm->udev.pid = dm->udev.error = 0;
	if (access(control.sun_path, F_OK) < 0)
		return DMK_UDEV_WHY_NO_SOCKET;
	if (!has_rules())
		return DMK_UDEV_WHY_NO_RULES;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* EAGAIN: one that listens, and has others waiting. */
	if (fd < 0 || (connect(fd, (const struct sockaddr *)&control, sizeof(control)) < 0 &&
		       errno != EAGAIN)) {
		dm->udev.error = -errno;
		return DMK_UDEV_WHY_NO_ANSWER;
	}
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.pid > 0)
		dm->udev.pid = peer.pid;
	return compare(dm->udev.pid);
}

static bool is_on(const struct dmk *dm)
{
	return dm->udev.why == DMK_UDEV_WHY_ANSWERS ||
	       (dm->udev.why == DMK_UDEV_WHY_ASKED && dm->udev.mode == DMK_UDEV_ON);
}

/* Once it was off, it is never looked again; while it is on, each time: udevd may go away. */
static bool decide(struct dmk *dm)
{
	uint32_t why = dm->udev.why;

	if (dm->dry_run)
		why = DMK_UDEV_WHY_DRY_RUN;
	else if (dm->udev.mode != DMK_UDEV_AUTO)
		why = DMK_UDEV_WHY_ASKED;
	else if (strcmp(dm->node_dir, "/dev/mapper") != 0)
		why = DMK_UDEV_WHY_NODE_DIR;
	else if (dm->connected && dm->fd < 0)
		why = DMK_UDEV_WHY_TRANSPORT;
	else if (why == 0 || why == DMK_UDEV_WHY_ANSWERS)
		why = probe(dm);
	dm->udev.why = why;
	return is_on(dm);
}

int dmk_set_udev(struct dmk *dm, uint32_t mode)
{
	dmk_begin(dm, DMK_VERB_OPEN, NULL);
	if (mode > DMK_UDEV_ON)
		return dmk_fail_argument(dm, -EINVAL, "a udev mode is auto, off or on: 0, 1 or 2");
	dm->udev.mode = mode;
	dm->udev.why = 0;
	return 0;
}

int dmk_get_udev_state(struct dmk *dm, struct dmk_udev_state *ret_state)
{
	if (dm->udev.why == 0)
		decide(dm);
	*ret_state = (struct dmk_udev_state){
		.handshake = is_on(dm),
		.why = dm->udev.why,
		.pid = dm->udev.pid,
		.error = dm->udev.error,
		.note = dm->udev.note,
		.waited_ms = dm->udev.waited_ms,
	};
	return 0;
}

int dmk_check_udev(struct dmk *dm, uint32_t cookie, uint32_t flags)
{
	if (flags > 0xffff)
		return dmk_fail_argument(dm, -EINVAL, "udev flags are 16 bits");
	if (cookie > 0xffff &&
	    ((cookie & 0xffff0000) != DMK_COOKIE_PREFIX || cookie == DMK_COOKIE_PREFIX))
		return dmk_fail_argument(dm, -EINVAL,
					 "a udev cookie is 0x0D4D0001 to 0x0D4DFFFF, or 16 bits to "
					 "be sent as they are");
	return 0;
}

int dmk_handshake_init(struct dmk *dm, const struct dmk_udev_request *request,
		       struct dmk_handshake *ret_handshake)
{
	struct dmk_handshake handshake = { .request = *request, .semid = -1 };
	bool raw = request->cookie > 0 && request->cookie <= 0xffff;
	int r = dmk_connect(dm);

	if (r < 0)
		return r;
	handshake.event_nr = request->flags << 16 | (raw ? request->cookie : 0);
	handshake.on = !raw && decide(dm);
	handshake.nodes = handshake.on && request->node_policy != DMK_NODE_NONE &&
			  !(request->flags & DMK_UDEV_DISABLE_DM_RULES);
	handshake.theirs = handshake.on && request->cookie;
	/* What the caller gave is for all of the verb; what is ours is for this wait. */
	if (request->timeout_ms > 0 || (request->timeout_ms == 0 && dm->timeout_ms > 0))
		handshake.end_ns = dmk_udev_end(dm, request->timeout_ms);
	*ret_handshake = handshake;
	return 0;
}

int dmk_handshake_begin(struct dmk *dm, struct dmk_handshake *handshake)
{
	uint32_t cookie = handshake->request.cookie;
	int r;

	if (!handshake->on)
		return 0;
	if (handshake->theirs) {
		r = dmk_cookie_open(cookie);
		handshake->semid = r;
		if (r >= 0)
			r = dmk_cookie_change(r, 1);
		if (r < 0) {
			handshake->semid = -1; /* there is nothing to take back */
			return dmk_cookie_fail(dm, r);
		}
	} else {
		r = dmk_cookie_new(1, &cookie);
		handshake->semid = r < 0 ? -1 : r;
		/* Without one the node can be waited for all the same. */
		if (r < 0) {
			dm->udev.note = DMK_UDEV_NOTE_NO_COOKIE;
			dm->udev.error = r;
			cookie = 0;
		}
	}
	handshake->event_nr =
		(handshake->request.flags | DMK_UDEV_PRIMARY_SOURCE) << 16 | (cookie & 0xffff);
	return 0;
}

void dmk_handshake_sent(struct dmk *dm, struct dmk_handshake *handshake, int r)
{
	bool told = r == 0 && dm->uevent;

	if (!handshake->on)
		return;
	handshake->waiting = told && !handshake->theirs;
	if (told || handshake->semid < 0)
		return;
	if (handshake->theirs)
		dmk_cookie_change(handshake->semid, -1);
	else
		dmk_cookie_drop(handshake->semid);
	handshake->semid = -1;
}

static int64_t end_of(const struct dmk *dm, const struct dmk_handshake *handshake)
{
	return handshake->end_ns ? handshake->end_ns
				 : dmk_udev_end(dm, handshake->request.timeout_ms);
}

/* Without a semaphore: until the node is there, or away. */
static int wait_for_node(struct dmk *dm, const struct dmk_node *node, bool gone, int64_t end_ns)
{
	struct dmk_limit limit = { .end_ns = end_ns };
	int r = 0;

	while (r == 0 && (gone ? dmk_node_is_there(node) : !dmk_node_is_right(node)))
		r = dmk_limit_pause(dm, &limit);
	return r;
}

/* The node that udevd has to make is there, by this call if need be. */
static int settle(struct dmk *dm, const struct dmk_node *node, bool waited, bool late)
{
	struct dmk_node link = *node;
	bool made;
	int r;

	link.linked = true;
	r = dmk_node_make(&link, &made, dm->undoing ? NULL : &dm->error);
	if (r == 0 && late)
		dm->udev.note = made ? DMK_UDEV_NOTE_MADE : DMK_UDEV_NOTE_LATE;
	else if (r == 0 && made && waited)
		dm->udev.note = DMK_UDEV_NOTE_WRONG;
	if (r == 0)
		r = dmk_node_own(&link, dm->undoing ? NULL : &dm->error);
	return r < 0 ? dmk_fail_step(dm, DMK_STEP_MAKE_NODE, r) : 0;
}

/* The same of one that udevd has to remove, unless another device has the name by now. */
static int settle_gone(struct dmk *dm, const struct dmk_node *node, bool late)
{
	struct dmk_id id = { .name = node->name };
	struct dmk_node link = *node;
	struct dmk_node_saved saved = { 0 };
	bool undoing = dm->undoing;
	int32_t undo_code = dm->error.undo_code;
	int r = 0;

	if (dmk_node_is_there(node)) {
		link.linked = true;
		link.keep_links = false;
		dm->undoing = true; /* that there is no such device is no failure */
		r = dmk_status(dm, &id, NULL);
		dm->undoing = undoing;
		dm->error.undo_code = undo_code;
		if (r == -ENXIO)
			r = dmk_remove_node(dm, &link, &saved);
		else if (r < 0)
			dmk_fail_step(dm, DMK_STEP_STATUS, r);
	}
	if (saved.was_link)
		dm->udev.note = late ? DMK_UDEV_NOTE_REMOVED : DMK_UDEV_NOTE_LEFT;
	else if (late)
		dm->udev.note = DMK_UDEV_NOTE_LATE;
	return r;
}

int dmk_handshake_end(struct dmk *dm, struct dmk_handshake *handshake, const struct dmk_node *node,
		      bool gone)
{
	int64_t start, end_ns;
	int r = 0;

	if (!handshake->on || handshake->theirs)
		return 0;
	if (!handshake->nodes)
		node = NULL;
	start = dmk_now_ns();
	end_ns = end_of(dm, handshake);
	if (handshake->waiting && handshake->semid >= 0)
		r = dmk_cookie_wait(dm, handshake->semid, end_ns);
	else if (handshake->waiting && node)
		r = wait_for_node(dm, node, gone, end_ns);
	if (handshake->semid >= 0)
		dmk_cookie_drop(handshake->semid);
	handshake->semid = -1;
	dm->udev.waited_ms += (dmk_now_ns() - start) / NS_PER_MS;
	if (r == -ECANCELED && handshake->undone)
		return dmk_fail_step(dm, DMK_STEP_UDEV, r);
	if (node && gone)
		return handshake->waiting ? settle_gone(dm, node, r < 0) : 0;
	if (node)
		return settle(dm, node, handshake->waiting, r < 0);
	if (r < 0)
		dm->udev.note = DMK_UDEV_NOTE_LATE;
	return 0;
}

int dmk_handshake_gone(struct dmk *dm, const struct dmk_handshake *handshake,
		       const struct dmk_node *node)
{
	int r = handshake->waiting ? 0 : wait_for_node(dm, node, true, end_of(dm, handshake));
	uint32_t note = dm->udev.note;

	if (r == -ECANCELED && handshake->undone)
		return dmk_fail_step(dm, DMK_STEP_UDEV, r);
	r = settle_gone(dm, node, r < 0 || note == DMK_UDEV_NOTE_LATE);
	/* What the wait had to say comes first, unless it was of no node. */
	if (note && note != DMK_UDEV_NOTE_LATE)
		dm->udev.note = note;
	return r;
}
