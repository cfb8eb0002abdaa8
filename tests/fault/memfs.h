/* SPDX-License-Identifier: MIT */
/*
 * A folder of device nodes in memory, so that an ordinary user can test what only root may do.
 * Every path below MEMFS lies in it. Functions return 0 (or a length) or a negative errno, as their
 * system calls would.
 */
#ifndef DMK_TEST_MEMFS_H
#define DMK_TEST_MEMFS_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

#define MEMFS "/memfs/"
#define MEMFS_DIR "/memfs/mapper"

bool memfs_has(const char *path);

/* Empty, but for the folder MEMFS_DIR where dir says so. */
void memfs_reset(bool dir);

int memfs_mknod(const char *path, mode_t mode, dev_t dev);
int memfs_mkdir(const char *path);
int memfs_symlink(const char *to, const char *path);
ssize_t memfs_readlink(const char *path, char *buf, size_t size);
int memfs_lstat(const char *path, struct stat *st);
int memfs_stat(const char *path, struct stat *st);
int memfs_chmod(const char *path, mode_t mode);
int memfs_chown(const char *path, uid_t uid, gid_t gid);
int memfs_unlink(const char *path);
int memfs_link(const char *from, const char *to);
int memfs_rename(const char *from, const char *to, bool replace);
int memfs_exchange(const char *one, const char *other);
/* Unlinks what begins so; how many that were. */
int memfs_unlink_all(const char *prefix);

/* Everything but folders, a line each, sorted. The caller frees it. */
char *memfs_dump(void);

#endif
