/* SPDX-License-Identifier: MIT */
#include "file-system.h"

#include <endian.h>
#include <string.h>

#define LONGEST_BLOCK_BITS 16

static uint16_t get16(const uint8_t *bytes)
{
	uint16_t value;

	memcpy(&value, bytes, sizeof(value));
	return le16toh(value);
}

static uint32_t get32(const uint8_t *bytes)
{
	uint32_t value;

	memcpy(&value, bytes, sizeof(value));
	return le32toh(value);
}

static uint64_t get64(const uint8_t *bytes)
{
	return get32(bytes) | (uint64_t)get32(bytes + 4) << 32;
}

static bool blocks_to_bytes(uint64_t blocks, uint32_t bits, uint64_t *ret_bytes)
{
	if (bits > LONGEST_BLOCK_BITS || blocks == 0 || blocks > (uint64_t)INT64_MAX >> bits)
		return false;
	*ret_bytes = blocks << bits;
	return true;
}

/* ext2, ext3 and ext4 differ by their features. */
static const char *find_ext(const uint8_t *bytes, uint64_t *ret_size)
{
	const uint8_t *super = bytes + 1024;
	uint32_t compatible = get32(super + 0x5c), incompatible = get32(super + 0x60);
	uint64_t blocks = get32(super + 0x04);
	const uint32_t has_journal = 0x4, extents = 0x40, is_64bit = 0x80, flexible = 0x200;

	if (get16(super + 0x38) != 0xef53)
		return NULL;
	if (incompatible & is_64bit)
		blocks |= (uint64_t)get32(super + 0x150) << 32;
	if (get32(super + 0x18) > LONGEST_BLOCK_BITS - 10 ||
	    !blocks_to_bytes(blocks, 10 + get32(super + 0x18), ret_size))
		return NULL;
	if (incompatible & (extents | is_64bit | flexible))
		return "ext4";
	return compatible & has_journal ? "ext3" : "ext2";
}

static const char *find_squashfs(const uint8_t *bytes, uint64_t *ret_size)
{
	*ret_size = get64(bytes + 40);
	return memcmp(bytes, "hsqs", 4) == 0 && get16(bytes + 28) == 4 && *ret_size >= 96 &&
			       *ret_size <= INT64_MAX
		       ? "squashfs"
		       : NULL;
}

static const char *find_erofs(const uint8_t *bytes, uint64_t *ret_size)
{
	const uint8_t *super = bytes + 1024;

	return get32(super) == 0xe0f5e1e2 && super[12] >= 9 &&
			       blocks_to_bytes(get32(super + 36), super[12], ret_size)
		       ? "erofs"
		       : NULL;
}

int dmk_file_system_find(const struct dmk_file *file, uint64_t offset_bytes,
			 char type[DMK_FILE_SYSTEM_TYPE_SIZE], uint64_t *ret_size_bytes)
{
	static const char *(*const finders[])(
		const uint8_t *bytes, uint64_t *ret_size) = { find_squashfs, find_erofs, find_ext };
	uint8_t bytes[2048];
	uint64_t size;

	if (dmk_file_read(file, bytes, sizeof(bytes), offset_bytes, NULL) < 0)
		return 0;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(finders); i++) {
		const char *found = finders[i](bytes, &size);

		if (!found)
			continue;
		dmk_copy_text(type, DMK_FILE_SYSTEM_TYPE_SIZE, found);
		*ret_size_bytes = size;
		return 1;
	}
	return 0;
}
