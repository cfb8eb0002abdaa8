/* SPDX-License-Identifier: MIT */
/* Words as numbers: decimal digits alone; false: something else, or more than max. */
#ifndef DMKIT_NUMBERS_H
#define DMKIT_NUMBERS_H

#include <stdbool.h>
#include <stdint.h>

bool parse_number(const char *text, uint64_t max, uint64_t *ret_value);
bool parse_number32(const char *text, uint32_t max, uint32_t *ret_value);
bool parse_linux(const char *text, uint32_t *ret_release);
bool parse_mode(const char *text, uint32_t *ret_mode);
bool parse_devno(const char *text, uint32_t *ret_major, uint32_t *ret_minor);
bool parse_deadline(const char *text, int64_t *ret_ms);
int64_t now_ns(void);
#define MOST_MINORS 1048575				    /* the kernel's minors have 20 bits */
bool parse_dm_minor(const char *text, uint32_t *ret_minor); /* dm-N */
bool is_handle_number(const char *word);		    /* MAJOR:MINOR or dm-N */

#endif
