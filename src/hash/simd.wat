;; The inner loops of hashing, four numbers of 4 bytes at a time. Addresses and lengths are in bytes unless said
;; otherwise; vectors stand one after the other, each with zeros up to a multiple of four numbers. The memory is laid
;; out by the callers in TypeScript. "npm run simd" compiles this to simd-bytes.ts.
(module
  (memory (export "memory") 1)

  ;; Inner products of `rows` vectors with `count` directions, a multiple of four; `size` is that of a vector.
  ;; To `out`, `count` numbers a vector.
  (func (export "multiply")
    (param $x i32) (param $rows i32) (param $w i32) (param $count i32) (param $size i32) (param $out i32)
    (local $width i32)
    (local.set $width (i32.shl (local.get $count) (i32.const 2)))
    (block $done
      (loop $more
        (br_if $done (i32.lt_s (local.get $rows) (i32.const 2)))
        (call $pair (local.get $x) (local.get $w) (local.get $width) (local.get $size) (local.get $out))
        (local.set $x (i32.add (local.get $x) (i32.shl (local.get $size) (i32.const 1))))
        (local.set $out (i32.add (local.get $out) (i32.shl (local.get $width) (i32.const 1))))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 2)))
        (br $more)))
    (if (local.get $rows)
      (then (call $single (local.get $x) (local.get $w) (local.get $width) (local.get $size) (local.get $out)))))

  ;; One vector with four directions at a time: each number of the vector is loaded once for four products.
  (func $single (param $x i32) (param $w i32) (param $width i32) (param $size i32) (param $out i32)
    (local $end i32) (local $xi i32) (local $xend i32)
    (local $w1 i32) (local $w2 i32) (local $w3 i32) (local $v v128)
    (local $a0 v128) (local $a1 v128) (local $a2 v128) (local $a3 v128)
    (local.set $end (i32.add (local.get $out) (local.get $width)))
    (local.set $xend (i32.add (local.get $x) (local.get $size)))
    (loop $directions
      (local.set $w1 (i32.add (local.get $w) (local.get $size)))
      (local.set $w2 (i32.add (local.get $w1) (local.get $size)))
      (local.set $w3 (i32.add (local.get $w2) (local.get $size)))
      (local.set $xi (local.get $x))
      (local.set $a0 (v128.const f32x4 0 0 0 0))
      (local.set $a1 (v128.const f32x4 0 0 0 0))
      (local.set $a2 (v128.const f32x4 0 0 0 0))
      (local.set $a3 (v128.const f32x4 0 0 0 0))
      (loop $elements
        (local.set $v (v128.load (local.get $xi)))
        (local.set $a0 (f32x4.add (local.get $a0) (f32x4.mul (local.get $v) (v128.load (local.get $w)))))
        (local.set $a1 (f32x4.add (local.get $a1) (f32x4.mul (local.get $v) (v128.load (local.get $w1)))))
        (local.set $a2 (f32x4.add (local.get $a2) (f32x4.mul (local.get $v) (v128.load (local.get $w2)))))
        (local.set $a3 (f32x4.add (local.get $a3) (f32x4.mul (local.get $v) (v128.load (local.get $w3)))))
        (local.set $w (i32.add (local.get $w) (i32.const 16)))
        (local.set $w1 (i32.add (local.get $w1) (i32.const 16)))
        (local.set $w2 (i32.add (local.get $w2) (i32.const 16)))
        (local.set $w3 (i32.add (local.get $w3) (i32.const 16)))
        (br_if $elements
          (i32.lt_u (local.tee $xi (i32.add (local.get $xi) (i32.const 16))) (local.get $xend))))
      (v128.store (local.get $out)
        (call $sums (local.get $a0) (local.get $a1) (local.get $a2) (local.get $a3)))
      ;; The next direction begins where the fourth one ended.
      (local.set $w (local.get $w3))
      (br_if $directions
        (i32.lt_u (local.tee $out (i32.add (local.get $out) (i32.const 16))) (local.get $end)))))

  ;; Two vectors with four directions at a time.
  (func $pair (param $x i32) (param $w i32) (param $width i32) (param $size i32) (param $out i32)
    (local $end i32) (local $xi i32) (local $yi i32) (local $xend i32)
    (local $w1 i32) (local $w2 i32) (local $w3 i32) (local $v v128) (local $u v128) (local $d v128)
    (local $a0 v128) (local $a1 v128) (local $a2 v128) (local $a3 v128)
    (local $b0 v128) (local $b1 v128) (local $b2 v128) (local $b3 v128)
    (local.set $end (i32.add (local.get $out) (local.get $width)))
    (local.set $xend (i32.add (local.get $x) (local.get $size)))
    (loop $directions
      (local.set $w1 (i32.add (local.get $w) (local.get $size)))
      (local.set $w2 (i32.add (local.get $w1) (local.get $size)))
      (local.set $w3 (i32.add (local.get $w2) (local.get $size)))
      (local.set $xi (local.get $x))
      (local.set $yi (local.get $xend))
      (local.set $a0 (v128.const f32x4 0 0 0 0))
      (local.set $a1 (v128.const f32x4 0 0 0 0))
      (local.set $a2 (v128.const f32x4 0 0 0 0))
      (local.set $a3 (v128.const f32x4 0 0 0 0))
      (local.set $b0 (v128.const f32x4 0 0 0 0))
      (local.set $b1 (v128.const f32x4 0 0 0 0))
      (local.set $b2 (v128.const f32x4 0 0 0 0))
      (local.set $b3 (v128.const f32x4 0 0 0 0))
      (loop $elements
        (local.set $v (v128.load (local.get $xi)))
        (local.set $u (v128.load (local.get $yi)))
        (local.set $d (v128.load (local.get $w)))
        (local.set $a0 (f32x4.add (local.get $a0) (f32x4.mul (local.get $v) (local.get $d))))
        (local.set $b0 (f32x4.add (local.get $b0) (f32x4.mul (local.get $u) (local.get $d))))
        (local.set $d (v128.load (local.get $w1)))
        (local.set $a1 (f32x4.add (local.get $a1) (f32x4.mul (local.get $v) (local.get $d))))
        (local.set $b1 (f32x4.add (local.get $b1) (f32x4.mul (local.get $u) (local.get $d))))
        (local.set $d (v128.load (local.get $w2)))
        (local.set $a2 (f32x4.add (local.get $a2) (f32x4.mul (local.get $v) (local.get $d))))
        (local.set $b2 (f32x4.add (local.get $b2) (f32x4.mul (local.get $u) (local.get $d))))
        (local.set $d (v128.load (local.get $w3)))
        (local.set $a3 (f32x4.add (local.get $a3) (f32x4.mul (local.get $v) (local.get $d))))
        (local.set $b3 (f32x4.add (local.get $b3) (f32x4.mul (local.get $u) (local.get $d))))
        (local.set $w (i32.add (local.get $w) (i32.const 16)))
        (local.set $w1 (i32.add (local.get $w1) (i32.const 16)))
        (local.set $w2 (i32.add (local.get $w2) (i32.const 16)))
        (local.set $w3 (i32.add (local.get $w3) (i32.const 16)))
        (local.set $yi (i32.add (local.get $yi) (i32.const 16)))
        (br_if $elements
          (i32.lt_u (local.tee $xi (i32.add (local.get $xi) (i32.const 16))) (local.get $xend))))
      (v128.store (local.get $out)
        (call $sums (local.get $a0) (local.get $a1) (local.get $a2) (local.get $a3)))
      (v128.store (i32.add (local.get $out) (local.get $width))
        (call $sums (local.get $b0) (local.get $b1) (local.get $b2) (local.get $b3)))
      (local.set $w (local.get $w3))
      (br_if $directions
        (i32.lt_u (local.tee $out (i32.add (local.get $out) (i32.const 16))) (local.get $end)))))

  ;; The sums of four times four numbers.
  (func $sums (param $a v128) (param $b v128) (param $c v128) (param $d v128) (result v128)
    (local $ab v128) (local $cd v128)
    ;; a0+a2 b0+b2 a1+a3 b1+b3, and the same of c and d
    (local.set $ab (f32x4.add
      (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $a) (local.get $b))
      (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $a) (local.get $b))))
    (local.set $cd (f32x4.add
      (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $c) (local.get $d))
      (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $c) (local.get $d))))
    (f32x4.add
      (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $ab) (local.get $cd))
      (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $ab) (local.get $cd))))

  ;; Squared distances of a vector to `width` / 4 others, a multiple of four.
  (func (export "distances") (param $x i32) (param $w i32) (param $width i32) (param $size i32) (param $out i32)
    (local $end i32) (local $xi i32) (local $xend i32)
    (local $w1 i32) (local $w2 i32) (local $w3 i32) (local $v v128)
    (local $d0 v128) (local $d1 v128) (local $d2 v128) (local $d3 v128)
    (local $a0 v128) (local $a1 v128) (local $a2 v128) (local $a3 v128)
    (local.set $end (i32.add (local.get $out) (local.get $width)))
    (local.set $xend (i32.add (local.get $x) (local.get $size)))
    (loop $others
      (local.set $w1 (i32.add (local.get $w) (local.get $size)))
      (local.set $w2 (i32.add (local.get $w1) (local.get $size)))
      (local.set $w3 (i32.add (local.get $w2) (local.get $size)))
      (local.set $xi (local.get $x))
      (local.set $a0 (v128.const f32x4 0 0 0 0))
      (local.set $a1 (v128.const f32x4 0 0 0 0))
      (local.set $a2 (v128.const f32x4 0 0 0 0))
      (local.set $a3 (v128.const f32x4 0 0 0 0))
      (loop $elements
        (local.set $v (v128.load (local.get $xi)))
        (local.set $d0 (f32x4.sub (local.get $v) (v128.load (local.get $w))))
        (local.set $d1 (f32x4.sub (local.get $v) (v128.load (local.get $w1))))
        (local.set $d2 (f32x4.sub (local.get $v) (v128.load (local.get $w2))))
        (local.set $d3 (f32x4.sub (local.get $v) (v128.load (local.get $w3))))
        (local.set $a0 (f32x4.add (local.get $a0) (f32x4.mul (local.get $d0) (local.get $d0))))
        (local.set $a1 (f32x4.add (local.get $a1) (f32x4.mul (local.get $d1) (local.get $d1))))
        (local.set $a2 (f32x4.add (local.get $a2) (f32x4.mul (local.get $d2) (local.get $d2))))
        (local.set $a3 (f32x4.add (local.get $a3) (f32x4.mul (local.get $d3) (local.get $d3))))
        (local.set $w (i32.add (local.get $w) (i32.const 16)))
        (local.set $w1 (i32.add (local.get $w1) (i32.const 16)))
        (local.set $w2 (i32.add (local.get $w2) (i32.const 16)))
        (local.set $w3 (i32.add (local.get $w3) (i32.const 16)))
        (br_if $elements
          (i32.lt_u (local.tee $xi (i32.add (local.get $xi) (i32.const 16))) (local.get $xend))))
      (v128.store (local.get $out)
        (call $sums (local.get $a0) (local.get $a1) (local.get $a2) (local.get $a3)))
      (local.set $w (local.get $w3))
      (br_if $others
        (i32.lt_u (local.tee $out (i32.add (local.get $out) (i32.const 16))) (local.get $end)))))

  ;; Rotates a vector of `length`, in four rounds, as src/hash/rotation.ts does. `signs` are those of the rounds, one
  ;; after the other; `window` is what is transformed at once.
  (func (export "rotate") (param $x i32) (param $out i32) (param $length i32) (param $window i32) (param $signs i32)
    (local $round i32) (local $i i32)
    (loop $rounds
      (local.set $i (i32.const 0))
      (loop $elements
        (v128.store (i32.add (local.get $out) (local.get $i))
          (f32x4.mul
            (v128.load (i32.add (local.get $x) (local.get $i)))
            (v128.load (local.get $signs))))
        (local.set $signs (i32.add (local.get $signs) (i32.const 16)))
        (br_if $elements
          (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 16))) (local.get $length))))
      (local.set $x (local.get $out))
      (call $transform
        (i32.add (local.get $out)
          (i32.mul (i32.and (local.get $round) (i32.const 1)) (i32.sub (local.get $length) (local.get $window))))
        (local.get $window))
      (if (i32.ne (local.get $length) (local.get $window))
        (then (call $turn (local.get $out) (i32.shl (i32.shr_u (local.get $length) (i32.const 3)) (i32.const 2)))))
      (br_if $rounds
        (i32.lt_u (local.tee $round (i32.add (local.get $round) (i32.const 1))) (i32.const 4)))))

  ;; Fast Hadamard transform, in place, of four numbers or some power of two more.
  (func $transform (param $x i32) (param $size i32)
    (local $i i32) (local $end i32) (local $v v128) (local $half i32)
    (local.set $end (i32.add (local.get $x) (local.get $size)))
    (local.set $i (local.get $x))
    (loop $fours
      (local.set $v (v128.load (local.get $i)))
      (local.set $v (f32x4.add
        (i8x16.shuffle 0 1 2 3 0 1 2 3 8 9 10 11 8 9 10 11 (local.get $v) (local.get $v))
        (f32x4.mul
          (v128.const f32x4 1 -1 1 -1)
          (i8x16.shuffle 4 5 6 7 4 5 6 7 12 13 14 15 12 13 14 15 (local.get $v) (local.get $v)))))
      (v128.store (local.get $i) (f32x4.add
        (i8x16.shuffle 0 1 2 3 4 5 6 7 0 1 2 3 4 5 6 7 (local.get $v) (local.get $v))
        (f32x4.mul
          (v128.const f32x4 1 1 -1 -1)
          (i8x16.shuffle 8 9 10 11 12 13 14 15 8 9 10 11 12 13 14 15 (local.get $v) (local.get $v)))))
      (br_if $fours
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 16))) (local.get $end))))
    ;; Two steps at a time, as long as there are two.
    (local.set $half (i32.const 16))
    (block $done
      (loop $steps
        (br_if $done (i32.gt_u (i32.shl (local.get $half) (i32.const 2)) (local.get $size)))
        (local.set $i (local.get $x))
        (loop $blocks
          (call $four (local.get $i) (local.get $half))
          (br_if $blocks (i32.lt_u
            (local.tee $i (i32.add (local.get $i) (i32.shl (local.get $half) (i32.const 2))))
            (local.get $end))))
        (local.set $half (i32.shl (local.get $half) (i32.const 2)))
        (br $steps)))
    (if (i32.eq (i32.shl (local.get $half) (i32.const 1)) (local.get $size))
      (then (call $two (local.get $x) (local.get $half)))))

  ;; Sums and differences of four neighbouring stretches of `size` bytes.
  (func $four (param $p0 i32) (param $size i32)
    (local $end i32) (local $p1 i32) (local $p2 i32) (local $p3 i32)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local $ab v128) (local $ba v128) (local $cd v128) (local $dc v128)
    (local.set $p1 (i32.add (local.get $p0) (local.get $size)))
    (local.set $p2 (i32.add (local.get $p1) (local.get $size)))
    (local.set $p3 (i32.add (local.get $p2) (local.get $size)))
    (local.set $end (local.get $p1))
    (loop $more
      (local.set $a (v128.load (local.get $p0)))
      (local.set $b (v128.load (local.get $p1)))
      (local.set $c (v128.load (local.get $p2)))
      (local.set $d (v128.load (local.get $p3)))
      (local.set $ab (f32x4.add (local.get $a) (local.get $b)))
      (local.set $ba (f32x4.sub (local.get $a) (local.get $b)))
      (local.set $cd (f32x4.add (local.get $c) (local.get $d)))
      (local.set $dc (f32x4.sub (local.get $c) (local.get $d)))
      (v128.store (local.get $p0) (f32x4.add (local.get $ab) (local.get $cd)))
      (v128.store (local.get $p1) (f32x4.add (local.get $ba) (local.get $dc)))
      (v128.store (local.get $p2) (f32x4.sub (local.get $ab) (local.get $cd)))
      (v128.store (local.get $p3) (f32x4.sub (local.get $ba) (local.get $dc)))
      (local.set $p1 (i32.add (local.get $p1) (i32.const 16)))
      (local.set $p2 (i32.add (local.get $p2) (i32.const 16)))
      (local.set $p3 (i32.add (local.get $p3) (i32.const 16)))
      (br_if $more
        (i32.lt_u (local.tee $p0 (i32.add (local.get $p0) (i32.const 16))) (local.get $end)))))

  ;; Sums and differences of two neighbouring stretches of `size` bytes.
  (func $two (param $p0 i32) (param $size i32)
    (local $p1 i32) (local $end i32) (local $a v128) (local $b v128)
    (local.set $p1 (i32.add (local.get $p0) (local.get $size)))
    (local.set $end (local.get $p1))
    (loop $more
      (local.set $a (v128.load (local.get $p0)))
      (local.set $b (v128.load (local.get $p1)))
      (v128.store (local.get $p0) (f32x4.add (local.get $a) (local.get $b)))
      (v128.store (local.get $p1) (f32x4.sub (local.get $a) (local.get $b)))
      (local.set $p1 (i32.add (local.get $p1) (i32.const 16)))
      (br_if $more
        (i32.lt_u (local.tee $p0 (i32.add (local.get $p0) (i32.const 16))) (local.get $end)))))

  ;; Turns two neighbouring stretches of `size` bytes, a multiple of 4, by 45 degrees: number by number.
  (func $turn (param $p i32) (param $size i32)
    (local $q i32) (local $end i32) (local $a f32) (local $b f32)
    (local.set $q (i32.add (local.get $p) (local.get $size)))
    (local.set $end (local.get $q))
    (loop $more
      (local.set $a (f32.mul (f32.load (local.get $p)) (f32.const 0.70710678118654752)))
      (local.set $b (f32.mul (f32.load (local.get $q)) (f32.const 0.70710678118654752)))
      (f32.store (local.get $p) (f32.add (local.get $a) (local.get $b)))
      (f32.store (local.get $q) (f32.sub (local.get $a) (local.get $b)))
      (local.set $q (i32.add (local.get $q) (i32.const 4)))
      (br_if $more
        (i32.lt_u (local.tee $p (i32.add (local.get $p) (i32.const 4))) (local.get $end)))))

  ;; Writes the signs of numbers as the bytes of a code, the first bit the highest, and returns the sum of their sizes.
  (func (export "pack") (param $x i32) (param $bytes i32) (param $code i32) (result f32)
    (local $end i32) (local $a v128) (local $b v128) (local $sizes v128)
    (local.set $end (i32.add (local.get $code) (local.get $bytes)))
    (loop $more
      ;; Turned round, since a bit mask begins with the lowest bit.
      (local.set $a (v128.load (local.get $x)))
      (local.set $b (v128.load offset=16 (local.get $x)))
      (local.set $sizes (f32x4.add (local.get $sizes)
        (f32x4.add (f32x4.abs (local.get $a)) (f32x4.abs (local.get $b)))))
      (i32.store8 (local.get $code) (i32.or
        (i32.shl (call $nibble (local.get $a)) (i32.const 4))
        (call $nibble (local.get $b))))
      (local.set $x (i32.add (local.get $x) (i32.const 32)))
      (br_if $more
        (i32.lt_u (local.tee $code (i32.add (local.get $code) (i32.const 1))) (local.get $end))))
    (f32.add
      (f32.add (f32x4.extract_lane 0 (local.get $sizes)) (f32x4.extract_lane 1 (local.get $sizes)))
      (f32.add (f32x4.extract_lane 2 (local.get $sizes)) (f32x4.extract_lane 3 (local.get $sizes)))))

  (func $nibble (param $v v128) (result i32)
    (i32x4.bitmask (f32x4.gt
      (i8x16.shuffle 12 13 14 15 8 9 10 11 4 5 6 7 0 1 2 3 (local.get $v) (local.get $v))
      (v128.const f32x4 0 0 0 0)))))
