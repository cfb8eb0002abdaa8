/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cmd/image.h"
#include "common/cli.h"
#include "common/json.h"
#include "read/tables.h"
#include "show/errors.h"

int image_take_digest(struct cli *cli, const char *word, char digest[static DIGEST_WORD_SIZE])
{
	static const char blanks[] = " \t\r\n";
	struct bytes bytes = { 0 };
	const char *file = word + 1;
	size_t first = 0, length = 0;
	int status;

	if (*word != '@') {
		if (!*word || strlen(word) >= DIGEST_WORD_SIZE)
			return usage_error(cli, "ROOT-DIGEST",
					   "ROOT-DIGEST is hex digits, or @FILE, which holds them");
		strcpy(digest, word);
		return EXIT_DONE;
	}
	status = read_file(cli, file, &bytes);
	if (status == EXIT_DONE) {
		while (first < bytes.length &&
		       memchr(blanks, bytes.data[first], sizeof(blanks) - 1))
			first++;
		while (first + length < bytes.length && bytes.data[first + length] &&
		       !memchr(blanks, bytes.data[first + length], sizeof(blanks) - 1))
			length++;
		for (size_t i = first + length; i < bytes.length; i++)
			if (!bytes.data[i] || !memchr(blanks, bytes.data[i], sizeof(blanks) - 1))
				length = 0;
		if (length == 0 || length >= DIGEST_WORD_SIZE)
			status = usage_error(cli, file,
					     "'%s' holds no root digest: one word of hex digits is "
					     "allowed, and nothing else",
					     file);
		else
			snprintf(digest, DIGEST_WORD_SIZE, "%.*s", (int)length, bytes.data + first);
	}
	drop_bytes(&bytes);
	return status;
}

const char *image_tree_path(const struct dmk_image_options *image)
{
	return image->hash ? image->hash : image->data;
}

int image_refuse_dry_run(struct cli *cli, const char *why)
{
	if (!given(cli, OPT_DRY_RUN))
		return EXIT_DONE;
	return usage_error(cli, "dry-run", "takes no --dry-run: %s", why);
}

static void json_fec(struct json *json, const struct dmk_image_info *info)
{
	if (!info->fec_blocks) {
		json_null(json, "fec");
		return;
	}
	json_object(json, "fec");
	json_u64(json, "roots", info->fec_roots);
	json_u64(json, "offset_bytes", info->fec_offset_bytes);
	json_u64(json, "blocks", info->fec_blocks);
	json_close(json);
}

void json_image(struct cli *cli, const struct dmk_image_options *image,
		const struct dmk_image_info *info)
{
	struct json *json = &cli->json;

	if (image->data)
		json_string(json, "data", image->data);
	else
		json_null(json, "data");
	json_string(json, "hash", image_tree_path(image));
	json_bool(json, "superblock", info->has_superblock);
	json_string(json, "uuid", info->uuid);
	json_u64(json, "format", info->version);
	json_string(json, "algorithm", info->algorithm);
	json_u64(json, "digest_size_bytes", info->digest_size_bytes);
	json_string(json, "salt", info->salt);
	json_u64(json, "data_block_size_bytes", info->data_block_size_bytes);
	json_u64(json, "data_blocks", info->data_blocks);
	json_u64(json, "hash_block_size_bytes", info->hash_block_size_bytes);
	json_u64(json, "hash_offset_bytes", info->hash_offset_bytes);
	json_u64(json, "hash_start_block", info->hash_start_block);
	json_u64(json, "tree_offset_bytes", info->tree_offset_bytes);
	json_u64(json, "tree_blocks", info->tree_blocks);
	json_u64(json, "levels", info->levels);
	json_fec(json, info);
	if (*info->file_system) {
		json_string(json, "file_system", info->file_system);
		json_u64(json, "file_system_bytes", info->file_system_bytes);
	} else {
		json_null(json, "file_system");
		json_null(json, "file_system_bytes");
	}
}
