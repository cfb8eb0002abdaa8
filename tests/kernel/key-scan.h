/* SPDX-License-Identifier: MIT */
/* A key made at random, kept masked, and the search for it through all of the process's memory. */
#ifndef KEY_SCAN_H
#define KEY_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KEY_SIZE 64
#define HEX_SIZE (2 * KEY_SIZE)
#define PIECE 8
#define WINDOW 65536 /* of memory that is looked at as one */
#define MASK 0x5c

extern volatile uint8_t masked[KEY_SIZE];
extern volatile uint8_t masked_hex[HEX_SIZE];

void wipe(void *bytes, size_t size);
/* A test's set-up: a key, and a connection to the kernel. */
int new_key(void **state);
/* Its hex digits at out; where they end. */
char *put_hex(char *out);
/* The text with the hex digits between the two; free_text() wipes it. */
char *with_key(const char *before, const char *behind);
void free_text(char *text);
/* Runs of PIECE bytes of the key, as bytes or as hex digits. */
int count_pieces(const uint8_t *bytes, size_t size);
/* How many there are in all mappings; dumped: in those that a core dump has. */
int scan_mappings(bool dumped);
int scan(void);

#endif
