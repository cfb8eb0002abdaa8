/* SPDX-License-Identifier: MIT */
/* The files and devices that a test wants the library to see, by the linker's --wrap; there are no
 * others. */
#ifndef DMK_TEST_FAKE_OS_H
#define DMK_TEST_FAKE_OS_H

#include <sys/types.h>

struct os_file {
	const char *path;
	int error; /* of open() */
	mode_t mode;
	unsigned int major;
	unsigned int minor;
	const char *content; /* of fopen() */
};

extern struct {
	struct os_file files[16];
	size_t n_files;
	const char *dir; /* what opendir() opens, whatever its path */
	int mknod_error;
	int made_error;					     /* of open() of what mknod() made */
	int (*ioctl)(unsigned long command, void *argument); /* 0 or a negative errno */
	int open_fds;
} os;

void os_reset(void);
void os_add(struct os_file file);

#endif
