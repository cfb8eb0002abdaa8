/* SPDX-License-Identifier: MIT */
/* The way back: unmount, then wait until the kernel has cleared away what was below. */
#include <errno.h>
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
#include "mountinfo.h"
#include "patience.h"

#define NS_PER_MS INT64_C(1000000)
#define DEFAULT_MS 5000
#define ONCE_MS 1000
#define LOOP_MAJOR 7

/* ---- what is below it ---- */

#define MOST_LOOPS 3

/* The mount, and what has to be gone in the end. */
struct stack {
	struct dmk_mounted mounted;
	struct dmk_info verity;
	struct dmk_info linear; /* uuid is empty: none */
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
			if (dmk_mount_line(path, stack->loops[stack->n_loops].backing, PATH_MAX))
				stack->n_loops++;
		} else if (number.major == stack->verity.major && !stack->linear.uuid[0] &&
			   dmk_get_info(dm, &number, NULL, &info) == 0 && is_ours(info.uuid)) {
			stack->linear = info;
		}
	}
	free(numbers);
}

static struct dmk_id device_of(const struct dmk_mounted *mounted)
{
	struct dmk_id id = { .major = mounted->major, .minor = mounted->minor };
	struct stat found;

	if (mounted->source[0] == '/' && stat(mounted->source, &found) == 0 &&
	    S_ISBLK(found.st_mode)) {
		id.major = major(found.st_rdev);
		id.minor = minor(found.st_rdev);
	}
	return id;
}

static int look_at(struct dmk *dm, const char *dir, struct stack *stack, struct dmk_error *err)
{
	const struct dmk_id id = device_of(&stack->mounted);
	int r = id.major ? dmk_get_info(dm, &id, NULL, &stack->verity) : -ENXIO;

	if (r < 0 && r != -ENXIO)
		return dmk_layer_fail(err, dm, r);
	if (r < 0 || !is_ours(stack->verity.uuid))
		return dmk_refuse(err, dir,
				  "what is mounted there, of device %u:%u, is no image that image "
				  "mount has mounted",
				  id.major, id.minor);
	add_below(dm, stack, &id);
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
	struct dmk_holders *holders;
	struct dmk_holder holder;
	bool shared = false;

	if (dmk_mount_count(&stack->mounted))
		return true;
	if (dmk_find_holders(dm, &id, &holders) < 0)
		return false;
	while (!shared && dmk_holders_next(holders, &holder) == 1)
		shared = holder.kind == DMK_HOLDER_MOUNT;
	dmk_holders_free(holders);
	return shared;
}

/* The kernel takes a device out of its list before it lets go of what is below: the disk goes last,
 * and its uuid shortly before. */
static bool disk_is_there(const struct dmk_info *device)
{
	char path[64], uuid[DMK_UUID_SIZE + 1];

	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u", device->major, device->minor);
	if (access(path, F_OK) < 0)
		return false;
	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/dm/uuid", device->major, device->minor);
	if (!dmk_mount_line(path, uuid, sizeof(uuid)))
		return true;
	uuid[strcspn(uuid, "\n")] = '\0';
	return strcmp(uuid, device->uuid) == 0;
}

static bool is_there(struct dmk *dm, const struct dmk_info *device, struct dmk_info *ret_info)
{
	return dmk_get_info(dm, &(struct dmk_id){ .uuid = device->uuid }, NULL, ret_info) == 0;
}

static bool loops_are_there(const struct stack *stack)
{
	char backing[PATH_MAX];

	for (unsigned int i = 0; i < stack->n_loops; i++)
		if (dmk_mount_line(stack->loops[i].path, backing, sizeof(backing)) &&
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
		bool there = is_there(dm, &stack->verity, &info);

		if (!there && !disk_is_there(&stack->verity) &&
		    !(stack->linear.uuid[0] &&
		      (is_there(dm, &stack->linear, &info) || disk_is_there(&stack->linear))) &&
		    !loops_are_there(stack))
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
static int unmount_once(const struct dmk_mounted *mounted, struct dmk_error *err)
{
	if (dmk_mount_id(mounted->point) != mounted->id)
		return dmk_fail(err, -ESTALE,
				"another process has mounted or unmounted there "
				"meanwhile: nothing was done");
	if (umount2(mounted->point, UMOUNT_NOFOLLOW) < 0)
		return -errno;
	if (!dmk_mount_is_there(mounted))
		return 0;
	return dmk_fail(err, -ESTALE,
			"another process has mounted there in this moment: that one was unmounted, "
			"and the image is mounted still");
}

static int unmount(struct dmk *dm, const struct stack *stack, struct dmk_patience *patience,
		   struct dmk_error *err)
{
	const struct dmk_mounted *mounted = &stack->mounted;
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
	struct dmk_patience patience;
	struct stack *stack;
	int r;

	if (!dir || !*dir)
		return dmk_fail(err, -EINVAL, "a folder is needed");
	if (timeout_ms < -1)
		return dmk_fail(err, -EINVAL, "a timeout of %" PRId64 " ms", timeout_ms);
	stack = calloc(1, sizeof(*stack));
	if (!stack)
		return dmk_fail(err, -ENOMEM, "what is below");
	dmk_patience_start(&patience, dm, timeout_ms, DEFAULT_MS);
	r = dmk_mount_find(dir, &stack->mounted, err);
	if (r == 0)
		r = look_at(dm, dir, stack, err);
	if (r == 0)
		r = dmk_go_on_unless(dm, NULL, err);
	if (r == 0)
		r = unmount(dm, stack, &patience, err);
	/* To unmount is tried once, if so it was asked for; what follows is the kernel's to do. */
	if (r == 0 && patience.end_ns == 0)
		dmk_patience_start(&patience, dm, ONCE_MS, ONCE_MS);
	/* One that shares it, and that we see: nothing will go. */
	if (r == 0 && !dmk_mount_count(&stack->mounted))
		r = wait_gone(dm, stack, &patience, err);
	free(stack);
	return r;
}
