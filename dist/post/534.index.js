export const id = 534;
export const ids = [534];
export const modules = {

/***/ 534:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   unfenceLeft: () => (/* binding */ d)
/* harmony export */ });
/* harmony import */ var _rolldown_runtime_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(126);
/* harmony import */ var _index_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(663);
/* harmony import */ var _steps_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(821);
async function d(d,p=_index_js__WEBPACK_IMPORTED_MODULE_1__.g){let m=new _steps_js__WEBPACK_IMPORTED_MODULE_2__.c;try{let e=_steps_js__WEBPACK_IMPORTED_MODULE_2__.t.map(e=>e.meta),t=(0,_index_js__WEBPACK_IMPORTED_MODULE_1__.t)(d,e),{request:s,run:h,secrets:g}=t;if(s.kind!==`ready`||s.config.database?.fenceWriters!==!0)return;m.add((0,_index_js__WEBPACK_IMPORTED_MODULE_1__.r)(g)),p((0,_index_js__WEBPACK_IMPORTED_MODULE_1__.i)(g));let _=e=>{m.add([e]),p((0,_index_js__WEBPACK_IMPORTED_MODULE_1__.n)(e))},v=(0,_index_js__WEBPACK_IMPORTED_MODULE_1__.h)(e=>m.redact(e)),y=await (0,_steps_js__WEBPACK_IMPORTED_MODULE_2__.s)({...t,request:s},v,AbortSignal.timeout(5e3),{found:_});try{return await f(y.reader,h.id)?void 0:{back:await (0,_steps_js__WEBPACK_IMPORTED_MODULE_2__.n)({cluster:y.reader,write:{cluster:y.writer}})}}finally{await y.close()}}catch(t){return{back:[],failure:m.redact((0,_index_js__WEBPACK_IMPORTED_MODULE_1__.B)(t)[0]?.message??``)}}}async function f(e,t){let{holderIdentity:n=``,renewTime:r,leaseDurationSeconds:i=30}=(await e.get(`Lease`,`tiered-rollback`).catch(()=>void 0))?.spec??{};return r!==void 0&&Date.parse(r)+i*1e3>Date.now()&&n!==``&&p(n)!==p(t)}function p(e){return e.slice(0,Math.max(0,e.lastIndexOf(`-`)))}

/***/ })

};
