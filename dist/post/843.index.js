export const id = 843;
export const ids = [843];
export const modules = {

/***/ 843:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   endLeftSilences: () => (/* binding */ u)
/* harmony export */ });
/* harmony import */ var _rolldown_runtime_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(126);
/* harmony import */ var _index_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(663);
/* harmony import */ var _steps_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(821);
async function u(u,d=_index_js__WEBPACK_IMPORTED_MODULE_1__.g){let f=new _steps_js__WEBPACK_IMPORTED_MODULE_2__.c,p=t=>{let[{message:n=``,hint:r=``}={}]=(0,_index_js__WEBPACK_IMPORTED_MODULE_1__.B)(t);return{ended:[],failure:f.redact(`${n} ${r}`)}};try{let e=(0,_index_js__WEBPACK_IMPORTED_MODULE_1__.t)(u,_steps_js__WEBPACK_IMPORTED_MODULE_2__.t.map(e=>e.meta)),{request:t,secrets:o}=e;if(t.kind!==`ready`||t.config.mode===`plan`||!t.config.alerts.silence)return;f.add((0,_index_js__WEBPACK_IMPORTED_MODULE_1__.r)(o)),d((0,_index_js__WEBPACK_IMPORTED_MODULE_1__.i)(o));let m=(0,_steps_js__WEBPACK_IMPORTED_MODULE_2__.o)(e);if(!m)return;try{let{matchers:e}=t.config.alerts,{ended:n,left:r,cause:i}=await (0,_steps_js__WEBPACK_IMPORTED_MODULE_2__.i)({reader:m,writer:m},e,AbortSignal.timeout(5e3));return r.length>0?{...p((0,_steps_js__WEBPACK_IMPORTED_MODULE_2__.a)(r,i)),ended:n}:{ended:n}}finally{await m.close()}}catch(e){return p(e)}}

/***/ })

};
