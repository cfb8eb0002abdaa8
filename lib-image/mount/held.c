/* SPDX-License-Identifier: MIT */
#include "held.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define RANDOM_DIGITS 16

void dmk_random_hex(char *text, size_t digits)
{
	uint8_t bytes[32] = { 0 };
	struct timespec now;

	if (getrandom(bytes, sizeof(bytes), GRND_NONBLOCK) != sizeof(bytes)) {
		/* So early after the boot the clock and the process tell as well. */
		clock_gettime(CLOCK_MONOTONIC, &now);
		memcpy(bytes, &now.tv_nsec, sizeof(now.tv_nsec));
		bytes[sizeof(bytes) - 1] = (uint8_t)getpid();
	}
	for (size_t i = 0; i < digits; i++)
		text[i] = "0123456789abcdef"[bytes[i / 2 % sizeof(bytes)] >> (i % 2 * 4) & 15];
	text[digits] = '\0';
}

/* Looked at before it is opened: to open something else might do something. */
static int open_right(const char *path, mode_t type, dev_t number, int flags)
{
	struct stat found;
	int fd;

	if (stat(path, &found) < 0)
		return -errno;
	if ((found.st_mode & S_IFMT) != type || found.st_rdev != number)
		return -ENOENT;
	fd = open(path, flags | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &found) == 0 && (found.st_mode & S_IFMT) == type && found.st_rdev == number)
		return fd;
	close(fd);
	return -ENOENT;
}

/* In a folder where devices can be opened: a mount may have nodev. */
static int open_own(struct dmk_held *held, mode_t type, int flags)
{
	static const char *const folders[] = { "/dev", "/run", "/tmp" };
	int r = -ENOENT;

	for (size_t i = 0; i < DMK_ARRAY_SIZE(folders); i++) {
		char random[RANDOM_DIGITS + 1];

		dmk_random_hex(random, RANDOM_DIGITS);
		snprintf(held->path, sizeof(held->path), "%s/.dmkit-image-%s", folders[i], random);
		if (mknod(held->path, type | 0600, held->number) < 0) {
			r = -errno;
			continue;
		}
		r = open_right(held->path, type, held->number, flags);
		held->made = r >= 0;
		if (held->made)
			return r;
		unlink(held->path);
		if (r != -EACCES)
			return r;
	}
	return r;
}

int dmk_held_open(struct dmk_held *ret_held, const char *usual, mode_t type, dev_t number,
		  int flags)
{
	struct dmk_held held = { .fd = -1, .number = number };
	int r = open_right(usual, type, number, flags);

	dmk_copy_text(held.path, sizeof(held.path), usual);
	if (r == -ENOENT)
		r = open_own(&held, type, flags);
	if (r < 0)
		return r;
	held.fd = r;
	*ret_held = held;
	return 0;
}

void dmk_held_close(struct dmk_held *held)
{
	if (held->fd < 0)
		return;
	close(held->fd);
	if (held->made)
		unlink(held->path);
	*held = DMK_NOT_HELD;
}
