package io.zoetrope.planted.stray;

interface Stray {}
