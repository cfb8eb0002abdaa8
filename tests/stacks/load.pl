#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Writes files of a folder and reads them again, until the file STOP is there: load.pl FOLDER STOP SEED. What was read is
# what was written, or it says so and ends with 1. The kernel's cache is dropped before files are read.
use strict;
use warnings;
use IO::Handle;

my ($folder, $stop, $seed) = @ARGV;
my (%written, $writes, $reads);
srand $seed;
$SIG{ALRM} = sub { die "not ok - load: stuck for 60 s\n" };
($writes, $reads) = (0, 0);

sub content {
	my ($file, $number, $bytes) = @_;
	my $line = sprintf "%s %08d\n", $file, $number;
	return substr $line x (1 + $bytes / length $line), 0, $bytes;
}

sub write_one {
	my $file = "f" . int rand 24;
	my $text = content($file, ++$writes, 4096 + int rand 100000);
	open my $out, ">", "$folder/$file" or die "not ok - load: $file: $!\n";
	syswrite($out, $text) == length $text or die "not ok - load: $file: $!\n";
	# A part of them is on the disk at once.
	if (rand() < 0.3) {
		$out->sync or die "not ok - load: fsync: $!\n";
	}
	close $out or die "not ok - load: $file: $!\n";
	$written{$file} = $text;
}

sub read_one {
	my ($file) = @_;
	open my $in, "<", "$folder/$file" or die "not ok - load: $file: $!\n";
	local $/;
	my $text = <$in>;
	defined $text && $text eq $written{$file} or die "not ok - load: $file is not what was written\n";
	$reads++;
}

sub drop_caches {
	open my $out, ">", "/proc/sys/vm/drop_caches" or return;
	print $out "1\n";
	close $out;
}

$| = 1;
while (!-e $stop) {
	alarm 60;
	write_one() for 1 .. 6;
	if (rand() < 0.3) {
		system "sync";
		drop_caches();
	}
	my @files = keys %written;
	read_one($files[rand @files]) for 1 .. 6;
}
alarm 60;
system "sync";
drop_caches();
read_one($_) for keys %written;
print "# load: $writes files written, $reads read\n";
exit($writes && $reads ? 0 : 1);
