/* SPDX-License-Identifier: MIT */
/* The way back: unmount, then wait until the kernel has cleared away what was below. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/error.h"
#include "layer.h"
#include "look/look.h"
#include "patience.h"

#define NS_PER_MS INT64_C(1000000)
#define DEFAULT_MS 5000
#define ONCE_MS 1000
#define LOOP_MAJOR 7

/* ---- which mount ---- */

static bool read_line(const char *path, char *line, size_t size)
{
	DMK_CLEANUP(dmk_close_ptr) int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, line, size - 1);

	if (n <= 0)
		return false;
	line[n] = '\0';
	return true;
}

/* A mount of /proc/self/mountinfo: "36 35 98:0 /root /point options... - type source options". */
struct mounted {
	uint64_t id; /* until it is unmounted no other has it */
	uint32_t major, minor;
	char point[PATH_MAX];
};

/* The kernel writes blanks and backslashes as \ooo. */
static void unescape(char *text)
{
	char *to = text;

	for (; *text; text++) {
		if (text[0] == '\\' && text[1] && text[2] && text[3]) {
			*to++ = (char)((text[1] - '0') << 6 | (text[2] - '0') << 3 |
				       (text[3] - '0'));
			text += 3;
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';
}

/* A file system of several devices has a number of its own, 0:N, as btrfs: its source is told. */
static void take_source(char *rest, struct mounted *mounted)
{
	char *source = rest ? strstr(rest, " - ") : NULL;
	struct stat found;

	if (!source)
		return;
	source += strlen(" - ");
	(void)strsep(&source, " ");
	source = strsep(&source, " ");
	if (!source)
		return;
	unescape(source);
	if (stat(source, &found) == 0 && S_ISBLK(found.st_mode)) {
		mounted->major = major(found.st_rdev);
		mounted->minor = minor(found.st_rdev);
	}
}

static bool parse_mount(char *line, struct mounted *ret_mounted)
{
	char *rest = line, *number, *point;
	const char *id = strsep(&rest, " ");

	if (!dmk_take_u64(&id, UINT64_MAX, &ret_mounted->id) || !strsep(&rest, " "))
		return false;
	number = strsep(&rest, " ");
	if (!strsep(&rest, " "))
		return false;
	point = strsep(&rest, " ");
	if (!number || !point || strlen(point) >= sizeof(ret_mounted->point) ||
	    !dmk_parse_devno(number, &ret_mounted->major, &ret_mounted->minor))
		return false;
	unescape(point);
	memcpy(ret_mounted->point, point, strlen(point) + 1);
	if (ret_mounted->major == 0)
		take_source(rest, ret_mounted);
	return true;
}

/* The one of found's id, where that is not 0, which fills *found, and how many there are of its
 * device. -ENOENT: none has that id. */
static int read_mounts(struct mounted *found, unsigned int *ret_mounts, struct dmk_error *err)
{
	FILE *list = fopen("/proc/self/mountinfo", "re");
	unsigned int mounts = 0;
	struct mounted mounted;
	char *line = NULL;
	size_t size = 0;
	bool any = false;

	if (!list)
		return dmk_fail(err, -errno, "/proc/self/mountinfo: %s", dmk_errno_text(errno));
	while (getline(&line, &size, list) > 0) {
		if (!parse_mount(line, &mounted))
			continue;
		if (found->id && mounted.id == found->id) {
			*found = mounted;
			any = true;
		}
		mounts += mounted.major == found->major && mounted.minor == found->minor;
	}
	free(line);
	fclose(list);
	*ret_mounts = mounts;
	return any || !found->id ? 0 : -ENOENT;
}

/* Of the mount that path leads to; 0: not known. Nothing is kept open: that would keep it busy. */
static uint64_t mount_id(const char *path)
{
	DMK_CLEANUP(dmk_close_ptr) int fd = open(path, O_PATH | O_CLOEXEC);
	static const char key[] = "mnt_id:";
	char file[64], text[256];
	const char *at;
	uint64_t id;

	snprintf(file, sizeof(file), "/proc/self/fdinfo/%d", fd);
	if (fd < 0 || !read_line(file, text, sizeof(text)))
		return 0;
	at = strstr(text, key);
	if (!at)
		return 0;
	at += strlen(key);
	at += strspn(at, "\t");
	return dmk_take_u64(&at, UINT64_MAX, &id) ? id : 0;
}

static int find_mount(const char *dir, struct mounted *ret_found, struct dmk_error *err)
{
	char path[PATH_MAX];
	unsigned int mounts;
	int r;

	if (!realpath(dir, path)) {
		r = -errno;
		return dmk_fail_word(err, r, dir, strlen(dir), 0, "%s",
				     r == -ENOENT ? "there is no such folder" : dmk_errno_text(r));
	}
	ret_found->id = mount_id(path);
	if (!ret_found->id)
		return dmk_fail(err, -EIO, "/proc does not tell which mount '%s' is in", path);
	r = read_mounts(ret_found, &mounts, err);
	if (r == -ENOENT || (r == 0 && strcmp(ret_found->point, path) != 0))
		return dmk_refuse(err, dir, "nothing is mounted there");
	return r;
}

/* ---- what is below it ---- */

#define MOST_LOOPS 3

/* What has to be gone in the end. */
struct stack {
	struct dmk_info verity;
	char linear[DMK_UUID_SIZE]; /* its uuid; empty: none */
	struct {
		char path[64];		/* the file of /sys that names its backing file, */
		char backing[PATH_MAX]; /* and what that says */
	} loops[MOST_LOOPS];
	unsigned int n_loops;
};

static bool is_ours(const char *uuid)
{
	return strncmp(uuid, DMK_LAYER_UUID_PREFIX, strlen(DMK_LAYER_UUID_PREFIX)) == 0;
}

static void add_below(struct dmk *dm, struct stack *stack, const struct dmk_id *id)
{
	struct dmk_devno *numbers;
	struct dmk_info info;
	uint32_t n;

	if (dmk_get_deps(dm, id, NULL, &numbers, &n) < 0)
		return;
	for (uint32_t i = 0; i < n; i++) {
		const struct dmk_id number = { .major = numbers[i].major,
					       .minor = numbers[i].minor };

		if (number.major == LOOP_MAJOR && stack->n_loops < MOST_LOOPS) {
			char *path = stack->loops[stack->n_loops].path;

			snprintf(path, sizeof(stack->loops[0].path),
				 "/sys/dev/block/%u:%u/loop/backing_file", number.major,
				 number.minor);
			if (read_line(path, stack->loops[stack->n_loops].backing, PATH_MAX))
				stack->n_loops++;
		} else if (number.major == stack->verity.major && !stack->linear[0] &&
			   dmk_get_info(dm, &number, NULL, &info) == 0 && is_ours(info.uuid)) {
			dmk_copy_text(stack->linear, sizeof(stack->linear), info.uuid);
		}
	}
	free(numbers);
}

static int look_at(struct dmk *dm, const char *dir, const struct mounted *mounted,
		   struct stack *ret_stack, struct dmk_error *err)
{
	const struct dmk_id id = { .major = mounted->major, .minor = mounted->minor };
	int r = mounted->major ? dmk_get_info(dm, &id, NULL, &ret_stack->verity) : -ENXIO;

	if (r < 0 && r != -ENXIO)
		return dmk_layer_fail(err, dm, r);
	if (r < 0 || !is_ours(ret_stack->verity.uuid))
		return dmk_refuse(err, dir,
				  "what is mounted there, of device %u:%u, is no image that image "
				  "mount has mounted",
				  mounted->major, mounted->minor);
	add_below(dm, ret_stack, &id);
	return 0;
}

/* ---- gone ---- */

/* Who keeps the device, as the error's holders. */
static int fail_busy(struct dmk *dm, const struct stack *stack, const char *point, uint32_t step,
		     struct dmk_error *err)
{
	const struct dmk_id id = { .uuid = stack->verity.uuid };
	struct dmk_holders *holders;
	struct dmk_holder holder;

	err->step = step;
	err->code = -EBUSY;
	if (dmk_find_holders(dm, &id, &holders) < 0)
		return -EBUSY;
	while (dmk_holders_next(holders, &holder) == 1) {
		/* The mount that was to go is no news. */
		if (step == DMK_STEP_UMOUNT && holder.kind == DMK_HOLDER_MOUNT &&
		    strcmp(holder.where, point) == 0)
			continue;
		if (err->n_holders < DMK_MAX_HOLDERS)
			err->holders[err->n_holders++] = holder;
		else
			err->holders_more++;
	}
	dmk_holders_free(holders);
	return -EBUSY;
}

/* A mount in whatever namespace: this one's may well not show it. */
static bool is_shared(struct dmk *dm, const struct stack *stack)
{
	const struct dmk_id id = { .uuid = stack->verity.uuid };
	struct mounted mounted = { .major = stack->verity.major, .minor = stack->verity.minor };
	struct dmk_holders *holders;
	struct dmk_holder holder;
	unsigned int mounts = 0;
	bool shared = false;

	if (read_mounts(&mounted, &mounts, NULL) == 0 && mounts)
		return true;
	if (dmk_find_holders(dm, &id, &holders) < 0)
		return false;
	while (!shared && dmk_holders_next(holders, &holder) == 1)
		shared = holder.kind == DMK_HOLDER_MOUNT;
	dmk_holders_free(holders);
	return shared;
}

static bool is_there(struct dmk *dm, const char *uuid, struct dmk_info *ret_info)
{
	return uuid[0] && dmk_get_info(dm, &(struct dmk_id){ .uuid = uuid }, NULL, ret_info) == 0;
}

static bool loops_are_there(const struct stack *stack)
{
	char backing[PATH_MAX];

	for (unsigned int i = 0; i < stack->n_loops; i++)
		if (read_line(stack->loops[i].path, backing, sizeof(backing)) &&
		    strcmp(backing, stack->loops[i].backing) == 0)
			return true;
	return false;
}

/* Once the mount is gone, what is below goes by itself. */
static int wait_gone(struct dmk *dm, const struct stack *stack, struct dmk_patience *patience,
		     struct dmk_error *err)
{
	const int64_t look_ns = dmk_now_ns() + 50 * NS_PER_MS;
	bool looked = false;
	struct dmk_info info;
	int r;

	for (;;) {
		bool there = is_there(dm, stack->verity.uuid, &info);

		if (!there && !is_there(dm, stack->linear, &info) && !loops_are_there(stack))
			return 0;
		/* The search for other mounts is a walk over /proc: not for a moment's user. */
		if (there && info.open_count > 0 && !looked && dmk_now_ns() >= look_ns) {
			looked = true;
			if (is_shared(dm, stack))
				return 0;
		}
		r = dmk_patience_pause(patience);
		if (r == 0)
			continue;
		dmk_layer_step(err, DMK_STEP_REMOVE);
		if (r == -ECANCELED)
			return dmk_fail(err, r,
					"it is unmounted, and what was below was not "
					"waited for any longer");
		if (there && info.open_count > 0 && is_shared(dm, stack))
			return 0;
		return there ? fail_busy(dm, stack, "", DMK_STEP_REMOVE, err)
			     : dmk_fail(err, -EBUSY,
					"it is unmounted, and what was below '%s' is not gone yet",
					stack->verity.name);
	}
}

/* The kernel unmounts what is on top at the point, whoever put it there, and by nothing else than a
 * path. So that is looked at just before, and after it. */
static int unmount_once(const struct mounted *mounted, struct dmk_error *err)
{
	struct mounted after = *mounted;
	unsigned int mounts;

	if (mount_id(mounted->point) != mounted->id)
		return dmk_fail(err, -ESTALE,
				"another process has mounted or unmounted there "
				"meanwhile: nothing was done");
	if (umount2(mounted->point, UMOUNT_NOFOLLOW) < 0)
		return -errno;
	if (read_mounts(&after, &mounts, NULL) < 0 || after.major != mounted->major ||
	    after.minor != mounted->minor)
		return 0;
	return dmk_fail(err, -ESTALE,
			"another process has mounted there in this moment: that one was unmounted, "
			"and the image is mounted still");
}

static int unmount(struct dmk *dm, const struct mounted *mounted, const struct stack *stack,
		   struct dmk_patience *patience, struct dmk_error *err)
{
	int r, pause = 0;

	dmk_layer_step(err, DMK_STEP_UMOUNT);
	do
		r = unmount_once(mounted, err);
	while (r == -EBUSY && (pause = dmk_patience_pause(patience)) == 0);
	if (pause == -ECANCELED)
		return dmk_fail(err, pause, "it was told to stop, and is mounted still");
	if (r == -EBUSY)
		return fail_busy(dm, stack, mounted->point, DMK_STEP_UMOUNT, err);
	return r < 0 && !err->code ? dmk_fail(err, r, "%s", dmk_errno_text(r)) : r;
}

int dmk_image_umount(struct dmk *dm, const char *dir, int64_t timeout_ms,
		     struct dmk_error *ret_error)
{
	struct dmk_error unasked;
	struct dmk_error *err =
		dmk_image_begin(ret_error ? ret_error : &unasked, DMK_VERB_IMAGE_UMOUNT, dir);
	struct mounted mounted = { 0 };
	struct dmk_patience patience;
	struct stack *stack;
	unsigned int mounts = 0;
	int r;

	if (!dir || !*dir)
		return dmk_fail(err, -EINVAL, "a folder is needed");
	if (timeout_ms < -1)
		return dmk_fail(err, -EINVAL, "a timeout of %" PRId64 " ms", timeout_ms);
	stack = calloc(1, sizeof(*stack));
	if (!stack)
		return dmk_fail(err, -ENOMEM, "what is below");
	dmk_patience_start(&patience, dm, timeout_ms, DEFAULT_MS);
	r = find_mount(dir, &mounted, err);
	if (r == 0)
		r = look_at(dm, dir, &mounted, stack, err);
	if (r == 0)
		r = unmount(dm, &mounted, stack, &patience, err);
	/* To unmount is tried once, if so it was asked for; what follows is the kernel's to do. */
	if (r == 0 && patience.end_ns == 0)
		dmk_patience_start(&patience, dm, ONCE_MS, ONCE_MS);
	/* One that shares it, and that we see: nothing will go. */
	mounted.id = 0;
	if (r == 0 && (read_mounts(&mounted, &mounts, NULL) < 0 || mounts == 0))
		r = wait_gone(dm, stack, &patience, err);
	free(stack);
	return r;
}
