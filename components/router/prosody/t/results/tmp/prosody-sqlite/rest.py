1..4
ok 1 - overlay
ok 2 - act
ok 3 - delegate
ok 4 - route
