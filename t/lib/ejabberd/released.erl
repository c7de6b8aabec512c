%% Pages of ejabberd's that answer when those are not there any more whom a test
%% has let go: /PATH/everybody/COMPONENT/... of all sessions and the streams of
%% these components, /PATH/components/COMPONENT/... of the streams alone.  Their
%% connections are broken already.  Sessions that could be resumed are ended.
-module(released).

-export([process/2]).

-define(WAIT_MS, 20000).

process([Who | Components], _Request) ->
    Sessions = [Pid || Who == <<"everybody">>,
                       Pid <- children(ejabberd_c2s_sup)],
    lists:foreach(fun xmpp_stream_in:stop_async/1, Sessions),
    Streams = lists:filter(fun(Pid) -> serves(Pid, Components) end,
                           children(ejabberd_service_sup)),
    Left = wait([{erlang:monitor(process, Pid), Pid}
                 || Pid <- Sessions ++ Streams], deadline()),
    [heard(Process, Streams) || Process <- processes()],
    settle(),
    answer(Left).

children(Supervisor) ->
    [Pid || {_, Pid, _, _} <- supervisor:which_children(Supervisor),
            is_pid(Pid)].

serves(Pid, Components) ->
    try sys:get_state(Pid) of
        #{routes := Routes} -> Routes -- Components /= Routes;
        _ -> false
    catch
        exit:_ -> false         % it has ended
    end.

deadline() ->
    erlang:monotonic_time(millisecond) + ?WAIT_MS.

wait([], _Deadline) ->
    [];
wait([{Monitor, _} | Others] = All, Deadline) ->
    Left = max(0, Deadline - erlang:monotonic_time(millisecond)),
    receive
        {'DOWN', Monitor, process, _, _} -> wait(Others, Deadline)
    after Left ->
            All
    end.

%% Others may hear of their end a moment after us.
heard(Process, Streams) ->
    case erlang:process_info(Process, monitors) of
        {monitors, Monitors} ->
            [Pid || {process, Pid} <- Monitors, lists:member(Pid, Streams),
                    not is_process_alive(Pid)] == []
                orelse heard(Process, Streams);
        undefined ->
            true
    end.

%% What they have told the shim, when they ended or before, and the copies that
%% wait in it.
settle() ->
    [catch sys:get_state(Process)
     || Process <- [annex_link, annex_ask | taps(whereis(annex_sup))]].

%% A server beside may have no shim.
taps(undefined) ->
    [];
taps(Supervisor) ->
    [Pid || {{annex_tap, _, _}, Pid, _, _}
                <- supervisor:which_children(Supervisor), is_pid(Pid)].

answer([]) ->
    {200, [], <<"gone">>};
answer(Left) ->
    {504, [], iolist_to_binary(io_lib:format("~p", [Left]))}.
