/* SPDX-License-Identifier: MIT */
#include "algorithm.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Some are in libcrypto's legacy provider, or in none that is loaded: that is found out when they are
 * used. */
static const struct dmk_algorithm algorithms[] = {
	{ "blake2b-512", "BLAKE2B-512", 64 },
	{ "blake2s-256", "BLAKE2S-256", 32 },
	{ "md4", "MD4", 16 },
	{ "md5", "MD5", 16 },
	{ "rmd160", "RIPEMD160", 20 },
	{ "sha1", "SHA1", 20 },
	{ "sha224", "SHA224", 28 },
	{ "sha256", "SHA256", 32 },
	{ "sha3-224", "SHA3-224", 28 },
	{ "sha3-256", "SHA3-256", 32 },
	{ "sha3-384", "SHA3-384", 48 },
	{ "sha3-512", "SHA3-512", 64 },
	{ "sha384", "SHA384", 48 },
	{ "sha512", "SHA512", 64 },
	{ "sm3", "SM3", 32 },
	{ "wp512", "WHIRLPOOL", 64 },
};

const struct dmk_algorithm *dmk_algorithm_find(const char *name, struct dmk_error *err)
{
	char known[256] = "";
	struct dmk_room room = { known, sizeof(known), 0 };

	for (size_t i = 0; i < DMK_ARRAY_SIZE(algorithms); i++) {
		if (strcmp(algorithms[i].name, name) == 0)
			return &algorithms[i];
		dmk_room_add(&room, "%s%s", i ? ", " : "", algorithms[i].name);
	}
	dmk_refuse(err, name, "no hash algorithm is called so; there are %s", known);
	return NULL;
}

/* As dmk_hex_digit(), which knows what the kernel prints; people write capitals as well. */
static int digit(char c)
{
	return dmk_hex_digit(c >= 'A' && c <= 'F' ? (char)(c - 'A' + 'a') : c);
}

int dmk_hex_bytes(const char *what, const char *hex, uint8_t *bytes, uint32_t max,
		  uint32_t *ret_size, struct dmk_error *err)
{
	size_t length = strlen(hex);

	if (strcmp(hex, "-") == 0) {
		*ret_size = 0;
		return 0;
	}
	for (size_t i = 0; i < length; i++)
		if (digit(hex[i]) < 0)
			return dmk_refuse(err, hex,
					  "%s is hexadecimal, and digit %zu of it is none", what,
					  i + 1);
	if (length == 0 || length % 2 || length / 2 > max)
		return dmk_refuse(err, hex, "%s has %zu digits: an even number is needed, 2 to %u",
				  what, length, 2 * max);
	for (size_t i = 0; i < length; i += 2)
		bytes[i / 2] = (uint8_t)(digit(hex[i]) << 4 | digit(hex[i + 1]));
	*ret_size = (uint32_t)(length / 2);
	return 0;
}

void dmk_bytes_hex(const uint8_t *bytes, uint32_t size, char *hex)
{
	static const char digits[] = "0123456789abcdef";

	for (uint32_t i = 0; i < size; i++) {
		hex[2 * i] = digits[bytes[i] >> 4];
		hex[2 * i + 1] = digits[bytes[i] & 15];
	}
	hex[2 * size] = '\0';
}

int dmk_uuid_bytes(const char *uuid, uint8_t bytes[16], struct dmk_error *err)
{
	static const uint8_t groups[] = { 4, 2, 2, 2, 6 };
	const char *s = uuid;

	for (size_t group = 0; group < DMK_ARRAY_SIZE(groups); group++) {
		if (group && *s++ != '-')
			goto bad;
		for (int i = 0; i < groups[group]; i++, s += 2) {
			if (digit(s[0]) < 0 || digit(s[1]) < 0)
				goto bad;
			*bytes++ = (uint8_t)(digit(s[0]) << 4 | digit(s[1]));
		}
	}
	if (!*s)
		return 0;
bad:
	return dmk_refuse(
		err, uuid,
		"a uuid is 32 hexadecimal digits, written 8-4-4-4-12 with - between them");
}

void dmk_uuid_text(const uint8_t bytes[16], char uuid[DMK_IMAGE_UUID_SIZE])
{
	char hex[33];

	dmk_bytes_hex(bytes, 16, hex);
	snprintf(uuid, DMK_IMAGE_UUID_SIZE, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12,
		 hex + 16, hex + 20);
}
