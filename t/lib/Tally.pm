package Tally;

# The harness of make check.  What tests say on stderr goes to t/log, and its
# end is shown for those that fail, after what they said of the failures.
# Results are written to the file tally, as "passed failed skipped", so that
# ./check can add up several runs; a script that died, or ran another number
# of tests than it planned, counts as one more failure.

use strict;
use warnings;
use File::Path 'make_path';
use parent 'TAP::Harness';

my $tail_lines = 40;
my %said;

sub log_of {
	my ($test) = @_;

	$test =~ s{^.*?\bt/}{};
	$test =~ tr{/}{-};
	return "t/log/$test.log";
}

sub new {
	my ($class, $args) = @_;

	make_path('t/log');
	# What is directly in t/ may look at what the others left.
	$args->{rules} = { seq => [
		{ par => '**t/{unit,e2e}/**' }, { par => '**' }
	] };
	$args->{exec} = sub {
		my ($self, $test) = @_;
		return [ 'sh', '-c', 'exec "$0" 2>"$1"', $test,
			log_of($test) ];
	} unless ($args->{verbosity} // 0) > 0;

	my $self = $class->SUPER::new($args);
	$self->callback(made_parser => sub {
		my ($script, $job) = @_;
		$script->callback(ALL => sub {
			push @{ $said{$job->[0]} }, $_[0]->raw;
		});
	});
	return $self;
}

# What follows each "not ok", and the end of the log.
sub explain {
	my ($test) = @_;
	my $failing = 0;

	print "\n$test\n";
	for my $line (@{ $said{$test} }) {
		$failing = $line =~ /^not ok/ if $line =~ /^(not )?ok/;
		print "    $line\n" if $failing;
	}
	open(my $log, '<', log_of($test)) or return;
	my @lines = <$log>;
	splice(@lines, 0, -$tail_lines) if @lines > $tail_lines;
	print "  $_" for @lines;
}

sub count {
	my ($script) = @_;
	my $skipped = () = $script->skipped;
	my $passed = () = $script->passed;
	my $failed = () = $script->failed;

	$skipped++, $passed++ if $script->skip_all;
	$failed++ if !$failed && $script->has_problems;
	return ($passed - $skipped, $failed, $skipped);
}

sub summary {
	my ($self, $all) = @_;
	my @sum = (0, 0, 0);

	for my $test ($all->descriptions) {
		my ($script) = $all->parsers($test);
		my @counts = count($script);

		$sum[$_] += $counts[$_] for 0 .. 2;
		explain($test) if $counts[1];
	}
	$self->SUPER::summary($all);
	open(my $out, '>', 'tally') or die "tally: $!\n";
	print $out "@sum\n";
	close($out) or die "tally: $!\n";
}

1;
