-module(annex_withdrawn_tests).

-export([log/2]).

-include_lib("eunit/include/eunit.hrl").
-include("xmpp.hrl").

-define(HOST, <<"a.example">>).
-define(COMPONENT, <<"offline.a.example">>).
-define(OTHER, <<"b.example">>).
-define(OTHERS, <<"offline.b.example">>).

%% Two hosts with a component each; what is logged comes here.
hosted(Test) ->
    {setup, spawn, fun start/0, fun stop/1,
     fun(_) -> fun() ->
         ok = logger:add_handler(?MODULE, ?MODULE, #{config => self()}),
         Test()
     end end}.

start() ->
    [Module:create() || Module <- [annex_deliver, annex_withdrawn]],
    [annex_host:set(Host, #{components => #{Component => #{}},
                            hooks => #{store => [Component],
                                       deliver => [Component]}})
     || {Host, Component} <- [{?HOST, ?COMPONENT}, {?OTHER, ?OTHERS}]].

stop(_) ->
    logger:remove_handler(?MODULE),
    [annex_host:unset(Host) || Host <- [?HOST, ?OTHER]],
    [ets:delete(Table) || Table <- [annex_deliver, annex_withdrawn,
                                    annex_withdrawn_order,
                                    annex_withdrawn_count]].

log(#{msg := {Format, Args}}, #{config := Pid}) ->
    Pid ! {logged, lists:flatten(io_lib:format(Format, Args))}.

logged() ->
    receive {logged, Text} -> [Text | logged()] after 0 -> [] end.

add(Name, Numbers) ->
    [annex_withdrawn:add(?HOST, ?COMPONENT, jid:make(Name, ?HOST, <<"x">>),
                         integer_to_binary(Number)) || Number <- Numbers].

remove(Name, Numbers) ->
    [?assert(annex_withdrawn:remove(?HOST, ?COMPONENT, jid:make(Name, ?HOST),
                                    integer_to_binary(Number)))
     || Number <- Numbers].

listed() ->
    annex_withdrawn:list(?HOST, ?COMPONENT).

remembered(Name, Id) ->
    [{_, When}] = ets:lookup(annex_deliver, {{Name, ?HOST}, Id}),
    When.

they_are_listed_oldest_first_test_() ->
    hosted(fun() ->
        add(<<"romeo">>, [3, 1]),
        add(<<"juliet">>, [2]),
        remove(<<"romeo">>, [1]),
        ?assertEqual([{{<<"romeo">>, ?HOST, <<>>}, <<"3">>},
                      {{<<"juliet">>, ?HOST, <<>>}, <<"2">>}], listed())
    end).

the_oldest_is_given_up_when_there_are_too_many_test_() ->
    hosted(fun() ->
        add(<<"romeo">>, [2, 1]),
        add(<<"juliet">>, lists:seq(1, 9999)),
        ?assertEqual([{{<<"romeo">>, ?HOST, <<>>}, <<"1">>},
                      {{<<"juliet">>, ?HOST, <<>>}, <<"1">>}],
                     lists:sublist(listed(), 2)),
        ?assertEqual(10000, length(listed())),
        ?assert(is_integer(remembered(<<"romeo">>, <<"2">>))),
        ?assertEqual(for_good, remembered(<<"romeo">>, <<"1">>))
    end).

each_component_has_room_of_its_own_test_() ->
    hosted(fun() ->
        annex_withdrawn:add(?OTHER, ?OTHERS, jid:make(<<"paris">>, ?OTHER),
                            <<"bees">>),
        add(<<"romeo">>, lists:seq(1, 10001)),
        ?assertEqual([{{<<"paris">>, ?OTHER, <<>>}, <<"bees">>}],
                     annex_withdrawn:list(?OTHER, ?OTHERS)),
        ?assertEqual(10000, length(listed()))
    end).

configure(Config) ->
    annex_host:set(?HOST, Config),
    annex_withdrawn:configure(?HOST).

one_that_cannot_forget_has_them_remembered_for_a_day_test_() ->
    hosted(fun() ->
        Config = maps:get(?HOST, annex_host:all()),
        add(<<"romeo">>, [1]),
        configure(Config),
        ?assertEqual(for_good, remembered(<<"romeo">>, <<"1">>)),
        configure(Config#{hooks := #{store => [?COMPONENT]}}),
        ?assert(is_integer(remembered(<<"romeo">>, <<"1">>))),
        ?assertMatch([_], listed())
    end).

one_that_is_not_configured_any_more_has_none_test_() ->
    hosted(fun() ->
        add(<<"romeo">>, [1, 2]),
        configure(#{components => #{}, hooks => #{}}),
        ?assert(is_integer(remembered(<<"romeo">>, <<"1">>))),
        ?assertEqual([], listed())
    end).

%% To look at all of them takes more than 10000.
the_oldest_is_found_without_looking_at_all_test_() ->
    hosted(fun() ->
        add(<<"romeo">>, lists:seq(1, 10000)),
        {_, Before} = process_info(self(), reductions),
        add(<<"juliet">>, lists:seq(1, 100)),
        {_, After} = process_info(self(), reductions),
        ?assert(After - Before < 100 * 1000)
    end).

it_is_said_once_until_half_are_forgotten_test_() ->
    hosted(fun() ->
        add(<<"romeo">>, lists:seq(1, 10003)),
        ?assertEqual(["offline.a.example has not forgotten 10000 messages, "
                      "and is told no more of the oldest"], logged()),
        remove(<<"romeo">>, lists:seq(4, 5002)),
        ?assertEqual([], logged()),
        remove(<<"romeo">>, lists:seq(5003, 5004)),
        ?assertEqual(["offline.a.example was told no more of 3 messages that "
                      "it was to remove"], logged()),
        add(<<"juliet">>, lists:seq(1, 5002)),
        ?assertMatch([_], logged())
    end).
