/* SPDX-License-Identifier: MIT */
/* What is known of an image, as the key=value words of verity. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "below.h"
#include "base/error.h"

#define OWN_WORDS 16
#define MOST_WORDS 64 /* of the caller: verity has fewer */
#define VALUE_SIZE 24

struct words {
	struct dmk_key_value pairs[OWN_WORDS + MOST_WORDS];
	char numbers[OWN_WORDS][VALUE_SIZE];
	char keys[MOST_WORDS][40]; /* of the caller's words, which have it in front of a '=' */
	uint32_t n;
};

static void add_text(struct words *words, const char *key, const char *value)
{
	words->pairs[words->n++] = (struct dmk_key_value){ .key = key, .value = value };
}

static void add_number(struct words *words, const char *key, uint64_t number)
{
	char *text = words->numbers[words->n];

	snprintf(text, VALUE_SIZE, "%" PRIu64, number);
	add_text(words, key, text);
}

static int add_given(struct words *words, const struct dmk_image_map_options *options,
		     struct dmk_error *err)
{
	if (options->n_keys > MOST_WORDS)
		return dmk_fail(err, -EINVAL, "%u words for verity: at most %d are allowed",
				options->n_keys, MOST_WORDS);
	for (uint32_t i = 0; i < options->n_keys; i++) {
		const char *word = options->keys[i], *value = strchr(word, '=');
		size_t length = value ? (size_t)(value - word) : strlen(word);
		char *key = words->keys[i];

		if (length == 0 || length >= sizeof(words->keys[i]))
			return dmk_refuse(err, word, "verity has no such key");
		memcpy(key, word, length);
		key[length] = '\0';
		add_text(words, key, value ? value + 1 : "yes");
	}
	return 0;
}

static void add_fec(struct words *words, const struct dmk_fec *fec, const char *device)
{
	add_text(words, "use-fec-from-device", device);
	add_number(words, "fec-roots", fec->roots);
	add_number(words, "fec-start", fec->offset_bytes / fec->block_bytes);
	add_number(words, "fec-blocks", fec->data_blocks + fec->hash_blocks);
}

static int add_all(struct words *words, struct dmk_mapping *mapping, const struct dmk_below *below,
		   const char *signature, struct dmk_error *err)
{
	const struct dmk_image_info *info = &mapping->image.info;

	add_number(words, "version", info->version);
	add_text(words, "data", below->data);
	add_text(words, "hash", below->hash);
	add_number(words, "data-block-size", info->data_block_size_bytes);
	add_number(words, "hash-block-size", info->hash_block_size_bytes);
	add_number(words, "data-blocks", info->data_blocks);
	add_number(words, "hash-start", info->hash_start_block);
	add_text(words, "algorithm", info->algorithm);
	add_text(words, "root-digest", mapping->digest);
	add_text(words, "salt", info->salt);
	if (signature)
		add_text(words, "root-hash-sig-key-desc", signature);
	if (mapping->has_fec)
		add_fec(words, &mapping->fec, below->fec);
	return add_given(words, mapping->options, err);
}

int dmk_mapping_table(struct dmk_mapping *mapping, const struct dmk_below *below,
		      const char *signature, struct dmk_error *err)
{
	struct words *words = calloc(1, sizeof(*words));
	int r;

	if (!words)
		return dmk_fail(err, -ENOMEM, "the table");
	r = add_all(words, mapping, below, signature, err);
	dmk_table_reset(mapping->table);
	if (r == 0) {
		r = dmk_table_add_keys(mapping->table, "verity", words->pairs, words->n);
		if (r < 0 && err) {
			const struct dmk_error *found = dmk_table_error(mapping->table);

			dmk_copy_text(err->argument, sizeof(err->argument), found->argument);
			dmk_copy_text(err->detail, sizeof(err->detail), found->detail);
			err->code = r;
		}
	}
	free(words);
	return r;
}
