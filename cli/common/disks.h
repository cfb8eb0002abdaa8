/* SPDX-License-Identifier: MIT */
/* Block devices by number, out of /sys. */
#ifndef DMKIT_DISKS_H
#define DMKIT_DISKS_H

#include <stddef.h>
#include <stdint.h>

/* "254:3" */
#define DEVNO_TEXT 24
const char *format_devno(uint32_t major, uint32_t minor, char buf[static DEVNO_TEXT]);
/* The name of a block device below /dev, out of /sys; "" where it has none. */
void disk_name(uint32_t major, uint32_t minor, char *buf, size_t size);
uint64_t disk_size_sectors(uint32_t major, uint32_t minor);
/* The first line of a file of /sys; "" where there is none. */
void sys_line(const char *path, char *buf, size_t size);

#endif
