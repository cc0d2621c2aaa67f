/** One after the other: two browsers and two engines at once would be judged by how busy the machine is. */
import './dashboard.suite.ts';
import './hostile.suite.ts';
