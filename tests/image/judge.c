/* SPDX-License-Identifier: MIT */
/*
 * libdmkit-image as a filter: a line "VERB KEY=VALUE..." on stdin is one call, verbs are look, format,
 * verify and repair, keys the members of struct dmk_image_options, and no value has a blank in it. The
 * answer are lines "bad ..." of options.bad, one "info ..." or "counts ...", and "end CODE SENTENCE".
 * compare.py, damage.py and refused.py ask it.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <dmkit-image.h>

#define LINE 4096
#define MEMBER(name)                                                         \
	{                                                                    \
#name, offsetof(struct dmk_image_options, name),             \
			sizeof(((struct dmk_image_options *)0)->name), false \
	}
#define TEXT(name)                                                                    \
	{                                                                             \
#name, offsetof(struct dmk_image_options, name), sizeof(char *), true \
	}

static const struct member {
	const char *name;
	size_t offset;
	size_t size;
	bool is_text;
} members[] = {
	MEMBER(flags),
	MEMBER(data_block_size_bytes),
	MEMBER(hash_block_size_bytes),
	MEMBER(fec_roots),
	MEMBER(threads),
	MEMBER(hash_offset_bytes),
	MEMBER(data_blocks),
	MEMBER(fec_offset_bytes),
	TEXT(data),
	TEXT(hash),
	TEXT(algorithm),
	TEXT(salt),
	TEXT(uuid),
	TEXT(root_digest),
	TEXT(fec),
};

static void die(const char *why, const char *what)
{
	fprintf(stderr, "judge: %s: %s\n", why, what);
	exit(2);
}

static void set(struct dmk_image_options *options, const char *key, const char *value)
{
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		const struct member *member = &members[i];
		void *place = (char *)options + member->offset;
		uint64_t number;
		uint32_t small;

		if (strcmp(member->name, key) != 0)
			continue;
		number = strtoull(value, NULL, 0);
		small = (uint32_t)number;
		if (member->is_text)
			memcpy(place, &value, sizeof(value));
		else if (member->size == sizeof(small))
			memcpy(place, &small, sizeof(small));
		else
			memcpy(place, &number, sizeof(number));
		return;
	}
	die("no such member", key);
}

static void say_bad(void *userdata, const struct dmk_image_bad *bad)
{
	(void)userdata;
	printf("bad %" PRIu32 " %" PRIu32 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu32
	       " %" PRIu32 "\n",
	       bad->area, bad->level, bad->first_block, bad->n_blocks, bad->offset_bytes,
	       bad->mendable, bad->unproved);
}

static void say_info(const struct dmk_image_info *info)
{
	printf("info version=%" PRIu32 " data_block_size_bytes=%" PRIu32
	       " hash_block_size_bytes=%" PRIu32 " has_superblock=%" PRIu32
	       " digest_size_bytes=%" PRIu32 " salt_size_bytes=%" PRIu32 " levels=%" PRIu32
	       " fec_roots=%" PRIu32,
	       info->version, info->data_block_size_bytes, info->hash_block_size_bytes,
	       info->has_superblock, info->digest_size_bytes, info->salt_size_bytes, info->levels,
	       info->fec_roots);
	printf(" data_blocks=%" PRIu64 " hash_offset_bytes=%" PRIu64 " tree_offset_bytes=%" PRIu64
	       " tree_blocks=%" PRIu64 " hash_start_block=%" PRIu64 " fec_offset_bytes=%" PRIu64
	       " fec_blocks=%" PRIu64 " file_system_bytes=%" PRIu64,
	       info->data_blocks, info->hash_offset_bytes, info->tree_offset_bytes,
	       info->tree_blocks, info->hash_start_block, info->fec_offset_bytes, info->fec_blocks,
	       info->file_system_bytes);
	printf(" file_system=%s algorithm=%s uuid=%s salt=%s root_digest=%s\n", info->file_system,
	       info->algorithm, info->uuid, info->salt, info->root_digest);
}

static void say_counts(const struct dmk_image_counts *counts)
{
	printf("counts checked_bytes=%" PRIu64 " bad_data=%" PRIu64 " bad_tree=%" PRIu64
	       " unproved=%" PRIu64 " mendable=%" PRIu64 "\n",
	       counts->checked_bytes, counts->bad_data, counts->bad_tree, counts->unproved,
	       counts->mendable);
}

static void judge(char *line)
{
	struct dmk_image_options options = { .bad = say_bad };
	struct dmk_image_counts counts = { 0 };
	struct dmk_image_info info = { 0 };
	struct dmk_error err = { 0 };
	char sentence[DMK_ERROR_TEXT_SIZE] = "";
	char *verb = strtok(line, " ");
	int code;

	if (!verb)
		die("no verb", "");
	for (char *word; (word = strtok(NULL, " "));) {
		char *value = strchr(word, '=');

		if (!value)
			die("no value", word);
		*value++ = '\0';
		set(&options, word, value);
	}
	if (strcmp(verb, "look") == 0)
		code = dmk_image_look(&options, &info, &err);
	else if (strcmp(verb, "format") == 0)
		code = dmk_image_format(&options, &info, &err);
	else if (strcmp(verb, "verify") == 0)
		code = dmk_image_verify(&options, &counts, &err);
	else if (strcmp(verb, "repair") == 0)
		code = dmk_image_repair(&options, &counts, &err);
	else
		die("no such verb", verb);
	if (strcmp(verb, "look") == 0 || strcmp(verb, "format") == 0)
		say_info(&info);
	else
		say_counts(&counts);
	if (code < 0)
		dmk_error_format(&err, sentence, sizeof(sentence));
	if (code < 0 && err.code != code)
		die("another code in the error", sentence);
	printf("end %d %s\n", code, sentence);
}

int main(void)
{
	static char line[LINE];

	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		judge(line);
		fflush(stdout);
	}
	return 0;
}
