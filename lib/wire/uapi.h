/* SPDX-License-Identifier: MIT */
/* The system's own <linux/dm-ioctl.h>, and what a system's copy may be too old to have. */
#ifndef DMK_UAPI_H
#define DMK_UAPI_H

#include <linux/dm-ioctl.h>

/* 4.37, Linux 4.13: DM_DEV_ARM_POLL_CMD is 16. An enum, so #ifdef cannot see it: named anew. */
#define DMK_CMD_ARM_POLL 16
/* 4.41, Linux 5.4: DM_GET_TARGET_VERSION_CMD is 17 */
#define DMK_CMD_TARGET_VERSION 17
#define DMK_CMD_COUNT 18

#ifndef DM_DEFERRED_REMOVE
#define DM_DEFERRED_REMOVE (1 << 17) /* 4.27, Linux 3.13 */
#endif
#ifndef DM_INTERNAL_SUSPEND_FLAG
#define DM_INTERNAL_SUSPEND_FLAG (1 << 18) /* 4.29, Linux 3.19 */
#endif
#define DMK_MEASURE_FLAG (1 << 19) /* 4.45, Linux 5.15: DM_IMA_MEASUREMENT_FLAG */
/* 4.38, Linux 4.15: a list entry's flags word says what follows it; DM_NAME_LIST_FLAG_*
 * are 4.45, 5.13. */
#ifndef DM_NAME_LIST_FLAG_HAS_UUID
#define DM_NAME_LIST_FLAG_HAS_UUID 1
#define DM_NAME_LIST_FLAG_DOESNT_HAVE_UUID 2
#endif

#endif
