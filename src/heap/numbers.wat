;; Reads the numbers of a JSON array of integers, byte by byte. Written by hand and compiled by scripts/build-wasm.ts.
;; Input lies from 0 on, output (i32) from $out on; a number takes two bytes of input at least and four of output.
(module
  (memory (export "memory") 49)
  ;; A number cut by the end of a piece goes on in the next one.
  (global $value (mut i32) (i32.const 0))
  (global $open (mut i32) (i32.const 0))
  (global $negative (mut i32) (i32.const 0))
  ;; Where reading stopped: behind the closing bracket, at a byte that does not belong there, or at the end.
  (global $at (export "at") (mut i32) (i32.const 0))
  ;; 0: the piece is used up; 1: the array is closed; 2: a byte that does not belong there.
  (global $state (export "state") (mut i32) (i32.const 0))
  (func (export "scan") (param $at i32) (param $end i32) (param $out i32) (result i32)
    (local $byte i32) (local $value i32) (local $open i32) (local $negative i32) (local $digit i32)
    (local.set $value (global.get $value))
    (local.set $open (global.get $open))
    (local.set $negative (global.get $negative))
    (global.set $state (i32.const 0))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $byte (i32.load8_u (local.get $at)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (local.set $digit (i32.sub (local.get $byte) (i32.const 48)))
        (if (i32.lt_u (local.get $digit) (i32.const 10))
          (then
            (local.set $value (i32.add (i32.mul (local.get $value) (i32.const 10)) (local.get $digit)))
            (local.set $open (i32.const 1))
            (br $next)))
        (if (local.get $open)
          (then
            (i32.store (local.get $out)
              (select (i32.sub (i32.const 0) (local.get $value)) (local.get $value) (local.get $negative)))
            (local.set $out (i32.add (local.get $out) (i32.const 4)))
            (local.set $value (i32.const 0))
            (local.set $open (i32.const 0))
            (local.set $negative (i32.const 0))))
        ;; comma, line feed, carriage return, space, tab
        (br_if $next (i32.eq (local.get $byte) (i32.const 44)))
        (br_if $next (i32.eq (local.get $byte) (i32.const 10)))
        (if (i32.eq (local.get $byte) (i32.const 45))
          (then (local.set $negative (i32.const 1)) (br $next)))
        (br_if $next (i32.eq (local.get $byte) (i32.const 32)))
        (br_if $next (i32.eq (local.get $byte) (i32.const 13)))
        (br_if $next (i32.eq (local.get $byte) (i32.const 9)))
        (global.set $state (select (i32.const 1) (i32.const 2) (i32.eq (local.get $byte) (i32.const 93))))))
    (global.set $at (local.get $at))
    (global.set $value (local.get $value))
    (global.set $open (local.get $open))
    (global.set $negative (local.get $negative))
    (local.get $out)))
