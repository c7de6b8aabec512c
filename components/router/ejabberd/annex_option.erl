%% The options of mod_annex: how they are checked, and what a host makes of
%% them.
-module(annex_option).

-export([validator/0, compile/2, fail_mode/1, hook/1]).

-include("annex.hrl").

%% Those that one component of a host has at most.
-define(ALONE, [check, store, route]).
%% Those that are named with what they are for, as in act:presence.
-define(LISTING, [act, delegate]).

validator() ->
    econf:and_then(
      econf:map(econf:domain(), component(), [unique, {return, map}]),
      fun(Components) when map_size(Components) == 0 ->
              wrong("no component is named", []);
         (Components) ->
              lists:foreach(fun(Hook) -> alone(Hook, Components) end, ?ALONE),
              Components
      end).

component() ->
    econf:and_then(
      econf:options(
        #{hooks => econf:non_empty(econf:list(a_hook())),
          timeout => econf:timeout(second),
          window => econf:pos_int(),
          window_bytes => econf:pos_int(),
          credit => econf:pos_int(),
          fail => fail(),
          parked => econf:pos_int(),
          parked_bytes => econf:pos_int(),
          delegated => econf:pos_int(),
          delegated_each => econf:pos_int(),
          spool => econf:pos_int(),
          profiles => econf:non_empty(econf:list(profile()))},
        [{required, [hooks]}, {return, map}]),
      fun(#{hooks := Hooks} = Given) ->
              profiles_are_for_check(Given),
              maps:merge(defaults(), Given#{hooks => gather(Hooks)})
      end).

defaults() ->
    #{timeout => 2000, window => 1000, window_bytes => 16 * 1024 * 1024,
      spool => 64 * 1024 * 1024, credit => 64, fail => open, parked => 100,
      parked_bytes => 1024 * 1024, delegated => 1000, delegated_each => 100,
      profiles => [#{}]}.

profile() ->
    econf:options(
      #{name => econf:non_empty(econf:binary()),
        users => econf:list(prepared(fun user/1)),
        peers => econf:list(prepared(fun address/1)),
        namespaces => econf:list(econf:binary()),
        fail => fail(),
        timeout => econf:timeout(second)},
      [{return, map}]).

%% As stanzas have them.
prepared(Prepare) ->
    econf:and_then(econf:non_empty(econf:binary()), Prepare).

user(Text) ->
    case binary:match(Text, <<"@">>) of
        nomatch -> prepared(jid:nodeprep(Text), Text);
        _ -> address(Text)
    end.

address(Text) ->
    try jid:tolower(jid:decode(Text)) of
        {_, _, <<>>} = Bare -> jid:encode(Bare);
        _ -> prepared(error, Text)
    catch
        error:{bad_jid, _} -> prepared(error, Text)
    end.

prepared(error, Text) -> wrong("~ts is not the address of an account or a "
                               "domain", [Text]);
prepared(Good, _Text) -> Good.

fail() ->
    econf:enum([open, closed]).

a_hook() ->
    econf:and_then(
      econf:binary(),
      fun(Text) ->
              case hook(Text) of
                  {error, Why} -> wrong("~ts", [Why]);
                  Hook -> Hook
              end
      end).

%% {act, <<"presence">>} of act:presence; {tap, all} of tap.
hook(Text) ->
    {Name, What} = case binary:split(Text, <<":">>) of
                       [N, W] when W /= <<>> -> {N, W};
                       _ -> {Text, all}
                   end,
    case [Hook || Hook <- ?HOOKS, atom_to_binary(Hook, utf8) == Name] of
        [] -> {error, <<"there is no hook ", Text/binary>>};
        [Hook] -> hook(Hook, What, lists:member(Hook, ?LISTING))
    end.

hook(Hook, all, true) ->
    Name = atom_to_binary(Hook, utf8),
    {error, <<Name/binary, " needs what it is for, as in ", Name/binary,
              ":urn:xmpp:mam:2">>};
hook(Hook, What, false) when What /= all ->
    {error, <<(atom_to_binary(Hook, utf8))/binary,
              " takes nothing after it: ", What/binary>>};
hook(Hook, What, _Listing) ->
    {Hook, What}.

%% What each hook is for, by hook.
gather(Hooks) ->
    lists:foldl(fun({Hook, What}, Map) ->
                        maps:put(Hook, [What | maps:get(Hook, Map, [])], Map)
                end, #{}, Hooks).

profiles_are_for_check(#{profiles := _, hooks := Hooks}) ->
    case lists:keymember(check, 1, Hooks) of
        true -> ok;
        false -> wrong("profiles are for the hook check", [])
    end;
profiles_are_for_check(_) ->
    ok.

alone(Hook, Components) ->
    case having(Hook, Components) of
        [First, Second | _] ->
            wrong("both ~ts and ~ts have the hook ~ts",
                  [First, Second, Hook]);
        _ ->
            ok
    end.

-spec wrong(string(), list()) -> no_return().
wrong(Format, Args) ->
    econf:fail({invalid_syntax, io_lib:format(Format, Args)}).

having(Hook, Components) ->
    lists:sort([Name || {Name, #{hooks := #{Hook := _}}}
                            <- maps:to_list(Components)]).

%% For each hook those who have it; components by name.
compile(Host, Components) ->
    Hooks = [{Hook, having(Hook, Components)} || Hook <- ?HOOKS],
    #{components => maps:map(fun(Name, Options) ->
                                     complete(Host, Name, Options)
                             end, Components),
      hooks => maps:from_list([{Hook, Names} || {Hook, [_ | _] = Names}
                                                    <- Hooks])}.

%% addresses are those of what is sent to it.
complete(Host, Name, #{profiles := Profiles} = Options) ->
    Options#{addresses => annex_text:addresses(Host, Name),
             profiles => [profile(Host, Profile, Options)
                          || Profile <- Profiles]}.

profile(Host, Profile, #{fail := Fail, timeout := Timeout}) ->
    Given = maps:merge(#{name => undefined, users => all, peers => all,
                         namespaces => [], fail => Fail,
                         timeout => Timeout}, Profile),
    Given#{users => people(Host, maps:get(users, Given))}.

%% A local user may be named without the host.
people(_Host, all) ->
    all;
people(Host, Names) ->
    [case binary:match(Name, <<"@">>) of
         nomatch -> <<Name/binary, $@, Host/binary>>;
         _ -> Name
     end || Name <- Names].

%% What becomes of messages when check fails, as hello says it.
fail_mode(#{profiles := Profiles}) ->
    case lists:usort([Fail || #{fail := Fail} <- Profiles]) of
        [Fail] -> Fail;
        [_, _] -> mixed
    end.
