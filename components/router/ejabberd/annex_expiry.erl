%% Things that end by themselves: each has one timer, however often it is
%% renewed.  The process gets {timeout, Ref, Name} in the end.
-module(annex_expiry).

-export([new/0, set/3, stop/2, is_over/3]).

-type timers() :: #{term() => reference()}.
-export_type([timers/0]).

-spec new() -> timers().
new() ->
    #{}.

%% Name ends in so many milliseconds, whatever was said of it before.
set(Name, Msecs, Timers) ->
    Others = stop(Name, Timers),
    Others#{Name => erlang:start_timer(Msecs, self(), Name)}.

stop(Name, Timers) ->
    case maps:take(Name, Timers) of
        {Ref, Others} ->
            _ = erlang:cancel_timer(Ref),
            Others;
        error ->
            Timers
    end.

%% Whether that is what the process was told of.  What has been renewed since
%% is not over.
is_over(Name, Ref, Timers) ->
    maps:get(Name, Timers, none) == Ref.
